/// AMQP's values as text.
#pragma once

#include "plugins/broker/rabbitmq/message.hpp"

#include <amqp.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::rabbitmq {

/// Texts as they are, numbers in decimal, times in RFC 3339, tables and arrays as JSON; what is
/// nested deeper than 32 levels is left out.
[[nodiscard]] std::string text_of(const amqp_field_value_t& value);

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A message's headers and those properties that bf_message has no member for.
[[nodiscard]] Headers headers_of(const Message& message);

/// RFC 3339 with nanoseconds, UTC; `time` since 1970.
[[nodiscard]] std::string utc_text(std::int64_t time);
/// The opposite; 0 for anything else.
[[nodiscard]] std::int64_t parse_utc(std::string_view text);

}  // namespace belfry::rabbitmq
