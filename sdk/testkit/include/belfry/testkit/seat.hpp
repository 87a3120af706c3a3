/// An instance's place in the in-memory host: what is behind its bf_env.
#pragma once

#include "belfry/testkit/executor.hpp"
#include "belfry/testkit/ledger.hpp"
#include "belfry/testkit/memory_host.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace belfry::testkit {

class Seat {
public:
    Seat(Host& host, std::string name);

    static Seat& of(bf_env* env) { return *reinterpret_cast<Seat*>(env); }
    [[nodiscard]] bf_env* env() { return reinterpret_cast<bf_env*>(this); }

    [[nodiscard]] Host& host() { return host_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] Executor& executor() { return executor_; }
    [[nodiscard]] Ledger& ledger() { return ledger_; }
    [[nodiscard]] const std::shared_ptr<std::atomic<bool>>& stopped() const { return stopped_; }
    /// Records a call of the host that came after stop.
    void check_running(const char* call);
    /// Records `call` broken by this instance.
    void violate(const std::string& what);

private:
    Host& host_;
    std::string name_;
    std::shared_ptr<std::atomic<bool>> stopped_;
    Ledger ledger_;
    Executor executor_;
};

}  // namespace belfry::testkit
