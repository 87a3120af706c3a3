/// Names of streams.
#pragma once

#include "daemon/base/error.hpp"

#include <string>
#include <string_view>

namespace belfry {

constexpr std::string_view kUserPrefix = "user:";
constexpr std::string_view kTopicPrefix = "topic:";

/// The mailbox of a user.
std::string user_stream(std::string_view user);
std::string topic_stream(std::string_view topic);

/// Accepts "user:<id>" and "topic:<name>" whose id or name has 1 to 200 bytes of printable ASCII
/// without space or quote, or UTF-8 beyond ASCII.
Result<> check_stream(std::string_view stream);

}  // namespace belfry
