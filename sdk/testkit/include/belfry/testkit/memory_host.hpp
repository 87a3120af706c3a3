/// The in-memory daemon: a complete bf_host, and everything plugins did with it.
#pragma once

#include "belfry/host.hpp"
#include "belfry/testkit/ledger.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::testkit {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct LogLine {
    std::string instance;
    sdk::Level level = sdk::Level::info;
    std::string event;
    Fields fields;
};

struct HealthReport {
    sdk::Health state = sdk::Health::ok;
    std::string reason;
};

/// What a hook answers to a plugin's ingest, call or transaction.
struct HookAnswer {
    sdk::Status status = sdk::Status::ok;
    std::string message = {};
    std::int64_t retry_after = 0;
    std::string output = {};  ///< of call and transaction: JSON
};

struct EgressAnswer {
    sdk::Status status = sdk::Status::ok;
    std::string message = {};
    std::uint32_t http_status = 200;
    Fields headers = {};
    std::string body = {};
};

/// Hooks run on the plugin's calling thread; the completion comes on the instance's executor.
struct Hooks {
    std::function<HookAnswer(const bf_event&)> ingest;
    std::function<HookAnswer(const bf_call&)> call;
    std::function<HookAnswer(const bf_call* calls, std::uint64_t count)> transaction;
    std::function<EgressAnswer(const bf_egress&)> egress;
};

/// One host serves any number of plugins and instances; it must outlive them. Any thread.
class Host {
public:
    Host();
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    [[nodiscard]] const bf_host* table() const;

    /// Set before a plugin can call them. Unset: ingest accepts, the others answer BF_REFUSED.
    Hooks hooks;

    /// Moves both clocks forward, in nanoseconds; timers that are due then ring.
    void advance(std::int64_t by);
    [[nodiscard]] std::int64_t now() const;
    [[nodiscard]] std::int64_t monotonic() const;

    [[nodiscard]] std::vector<LogLine> logs() const;
    /// How often `event` was logged.
    [[nodiscard]] std::size_t logged(std::string_view event) const;
    /// The value of a counter or gauge, the number of observations of a histogram; 0 where there is
    /// none.
    [[nodiscard]] double metric(std::string_view instance, std::string_view name,
                                const Fields& labels = {}) const;
    [[nodiscard]] HealthReport health(std::string_view instance) const;
    /// Why the last entry, check, create or apply failed; taking it clears it.
    [[nodiscard]] std::string take_failure();

    /// What plugins did against the rules of abi.h, in the order found.
    [[nodiscard]] std::vector<std::string> violations() const;
    [[nodiscard]] Violations& violation_list();

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace belfry::testkit
