/// Points in time as JetStream and dead letters write them: RFC 3339, UTC.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::nats {

/// Nanoseconds since 1970 -> "2026-01-31T12:00:00.000000001Z".
[[nodiscard]] std::string format_time(std::int64_t time);
/// 0 where it is no such text.
[[nodiscard]] std::int64_t parse_time(std::string_view text);

}  // namespace belfry::nats
