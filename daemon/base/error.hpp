/// What can go wrong at run time, and how it is passed on.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace belfry {

/// The closed set of failures. The first nine are the plugin ABI's (sdk/include/belfry/abi/core.h).
enum class Code {
    duplicate,  ///< already there with the same content
    conflict,   ///< already there with other content, or another version
    not_found,
    invalid,          ///< the caller's fault; the same call fails again
    refused,          ///< understood and not allowed, or not supported
    retry,            ///< this try failed, a later one may not
    unavailable,      ///< what the call needs cannot be reached now, or is full
    gone,             ///< was there and will not come back
    closed,           ///< stopping or stopped
    unauthenticated,  ///< nobody known is asking
    limited,          ///< asked too often
    too_large,
};

/// A failure: the message is for people and names the thing, what was expected and what was found.
struct Error {
    Code code = Code::invalid;
    std::string message;
    std::string pointer = {};  ///< JSON pointer into the caller's input; empty = the whole of it
    std::int64_t retry_after = 0;  ///< nanoseconds; 0 = the caller decides
};

template <class Value = void>
using Result = std::expected<Value, Error>;

inline std::unexpected<Error> fail(Code code, std::string message, std::string pointer = {}) {
    return std::unexpected(Error{code, std::move(message), std::move(pointer)});
}

/// The name of a code as documents and logs show it, for example "not_found".
std::string_view name_of(Code code);

}  // namespace belfry
