/// The storage that is measured: an instance of a plugin behind its C table.
#pragma once

#include "tests/bench/storage_calls.hpp"
#include "tests/bench/storage_load.hpp"

#include <belfry/testkit/host.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::bench {

/// One thread makes the calls, and waits for them with calls().
class Subject {
public:
    /// Runs when it returns. `config` is complete.
    static Result<std::unique_ptr<Subject>> open(const std::string& plugin_file,
                                                 const std::string& config);
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;
    ~Subject();

    [[nodiscard]] Calls& calls() { return calls_; }

    /// Every group must be stored. `then` runs, on any thread, when the commit is durable.
    void commit(const Groups& groups, std::function<void()> then);
    /// The newest entries of a mailbox, of which there must be at least `count`.
    void read_newest(std::string_view stream, std::uint64_t count);
    /// All of them must be there.
    void read_heads(const std::vector<bf_str>& streams);
    /// What its settings promise of a completed commit; an error where that is less than durable.
    Result<std::string> durability();
    Result<> stop();

private:
    Subject() = default;

    Calls calls_;
    testkit::Host host_;
    std::optional<testkit::Instance> instance_;
    const bf_storage* table_ = nullptr;
};

}  // namespace belfry::bench
