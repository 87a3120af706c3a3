/// Who owes what: completions, and what was done against the rules.
#pragma once

#include "belfry/types.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::testkit {

/// A test cannot go on.
struct Failed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Rules broken by plugins, in the order found. Any thread.
class Violations {
public:
    void add(std::string what);
    [[nodiscard]] std::vector<std::string> list() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> list_;
};

/// One completion owed by a plugin: exactly one, not after the instance has stopped.
class Owed {
public:
    Owed(Violations& violations, std::shared_ptr<const std::atomic<bool>> stopped,
         std::string what);
    virtual ~Owed() = default;
    Owed(const Owed&) = delete;
    Owed& operator=(const Owed&) = delete;

    [[nodiscard]] bf_done done() { return {this, &Owed::complete}; }
    [[nodiscard]] bool ready() const;
    /// Throws Failed when the completion has not come within `limit`.
    void wait(std::chrono::milliseconds limit);

    [[nodiscard]] const std::string& what() const { return what_; }
    [[nodiscard]] sdk::Status status() const { return status_; }
    [[nodiscard]] const std::string& message() const { return message_; }
    [[nodiscard]] std::int64_t retry_after() const { return retry_after_; }

protected:
    /// Copies the value; called at most once.
    virtual void keep(const void* value) = 0;

private:
    static void complete(void* ctx, const bf_result* result, const void* value);
    void take(const bf_result& result, const void* value);

    Violations& violations_;
    std::shared_ptr<const std::atomic<bool>> stopped_;
    std::string what_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool ready_ = false;
    sdk::Status status_ = sdk::Status::ok;
    std::string message_;
    std::int64_t retry_after_ = 0;
};

/// All completions owed by one instance. They stay until the host ends, so that a second or late
/// completion is found and not a crash. Any thread.
class Ledger {
public:
    void add(std::shared_ptr<Owed> owed);
    /// What has not been completed yet.
    [[nodiscard]] std::vector<std::string> open() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Owed>> owed_;
};

}  // namespace belfry::testkit
