/// Why a message goes to the dead letters.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace belfry {

/// The closed set of first words of a reason.
enum class Rejection : std::uint8_t {
    undecodable,   ///< it cannot be read as an event for a stream
    oversize,      ///< its body is larger than the source allows
    unknown_type,  ///< the source does not take events of this type
    refused,       ///< it was read, and the mailbox will never take it
};
constexpr std::uint8_t kRejections = 4;

/// "unknown type".
std::string_view name_of(Rejection why);

struct Rejected {
    Rejection why = Rejection::undecodable;
    std::string detail;  ///< what was expected; nothing out of the message
};

/// "undecodable: the event has no id".
std::string to_reason(const Rejected& rejected);

template <class Value>
using Accepted = std::expected<Value, Rejected>;

inline std::unexpected<Rejected> reject(Rejection why, std::string detail) {
    return std::unexpected(Rejected{why, std::move(detail)});
}
inline std::unexpected<Rejected> undecodable(std::string detail) {
    return reject(Rejection::undecodable, std::move(detail));
}

}  // namespace belfry
