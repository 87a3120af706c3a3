/// Durations and sizes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace belfry::config {

enum class Unit : std::uint8_t { none, duration, bytes };

/// "500ms", "2s", "5m", "1h", "1d" or "0" as nanoseconds; "512", "64KiB", "1MiB", "1GiB" as bytes;
/// a plain integer where there is no unit. Nothing where `text` is not that or does not fit.
std::optional<std::int64_t> parse_quantity(std::string_view text, Unit unit);

/// The shortest of the forms above.
std::string format_quantity(std::int64_t value, Unit unit);

/// What to tell somebody who wrote something else: "a duration such as 500ms, 2s, 5m, 1h or 1d".
std::string describe(Unit unit);

}  // namespace belfry::config
