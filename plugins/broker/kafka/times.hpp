/// Times, also as texts in headers.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::kafka {

inline constexpr std::int64_t kMilli = 1'000'000;  ///< ns
inline constexpr std::int64_t kSecond = 1'000 * kMilli;

/// Nanoseconds since 1970 as RFC 3339 in UTC, to the microsecond.
[[nodiscard]] std::string rfc3339(std::int64_t time);
/// The opposite; 0 for what is none.
[[nodiscard]] std::int64_t parse_rfc3339(std::string_view text);

/// 0 for what is no number.
template <class Number>
[[nodiscard]] Number number_of(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace belfry::kafka
