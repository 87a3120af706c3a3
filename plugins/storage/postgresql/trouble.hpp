/// What a failure of PostgreSQL means for the caller and for the instance.
#pragma once

#include <belfry/types.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace belfry::postgresql {

constexpr std::int64_t kRetryAfter = 100'000'000;     ///< 100 ms
constexpr std::int64_t kWaitForRoom = 1'000'000'000;  ///< 1 s
constexpr std::int64_t kWaitForServer = 500'000'000;  ///< 500 ms

/// What the server answered, or that it did not. The text has no values of rows or parameters and
/// no part of the connection string.
struct SqlError : std::runtime_error {
    SqlError(std::string sqlstate, bool connection_lost, const std::string& message)
        : std::runtime_error(message), state(std::move(sqlstate)), lost(connection_lost) {}
    std::string state;  ///< SQLSTATE; empty where there was no answer
    bool lost;          ///< the session is over
};

enum class Cause {
    content,     ///< of what was asked: the same again fails again
    contention,  ///< deadlock or serialization: the whole transaction again, at once
    connection,  ///< lost, going down, in recovery or read-only: connect again
    busy,        ///< a lock, or the statement took too long
    full,        ///< disk, memory or connections
    server,      ///< a schema that is not ours any more, rights, or the server's own fault
};

/// By the SQLSTATE.
Cause cause_of(const SqlError& error);

struct Trouble {
    sdk::Status status = sdk::Status::unavailable;
    std::string message;
    std::int64_t retry_after = kRetryAfter;
    Cause cause = Cause::server;

    [[nodiscard]] sdk::Failure failure() const { return {status, message, retry_after}; }
};

/// `place` is for the message: Options::place.
Trouble trouble_of(const std::exception& error, std::string_view place);

}  // namespace belfry::postgresql
