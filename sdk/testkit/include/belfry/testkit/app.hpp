/// Requests and sessions as application plugins see them.
#pragma once

#include "belfry/testkit/link.hpp"
#include "belfry/testkit/plugin.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace belfry::testkit {

/// One request to an application plugin, waiting for its only answer. Stays where it is and must
/// outlive the answer. Any thread.
class Exchange {
public:
    explicit Exchange(const Instance& instance) : instance_(instance) {}
    ~Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    void request(const Request& request, std::string_view principal);
    /// Throws Failed when there is no answer in time.
    Answer wait(std::chrono::milliseconds limit = kPatience);

private:
    friend void fill_apps(bf_host& table);
    void take(std::uint32_t status, const bf_pair* headers, std::uint64_t count, bf_bytes body);

    const Instance& instance_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Answer> answer_;
};

/// One attached client as a dialect sees it; pass handle() to dialect_open and the like. Any
/// thread.
class Session {
public:
    Session() = default;
    ~Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] bf_session* handle() { return reinterpret_cast<bf_session*>(this); }
    [[nodiscard]] std::vector<std::string> sent() const;
    /// The streams last asked for.
    [[nodiscard]] std::vector<std::string> streams() const;
    /// The code it was closed with.
    [[nodiscard]] std::optional<std::uint32_t> closed() const;

private:
    friend void fill_apps(bf_host& table);

    mutable std::mutex mutex_;
    std::vector<std::string> sent_;
    std::vector<std::string> streams_;
    std::optional<std::uint32_t> closed_;
};

}  // namespace belfry::testkit
