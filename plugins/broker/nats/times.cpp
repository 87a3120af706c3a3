#include "plugins/broker/nats/times.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace belfry::nats {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_time;
using std::chrono::year_month_day;

constexpr std::size_t kToSeconds = 19;  // yyyy-mm-ddThh:mm:ss
constexpr std::size_t kFractionDigits = 9;

/// -1 where it is no number.
int number(std::string_view text) {
    int value = 0;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    return result.ec == std::errc() && result.ptr == end ? value : -1;
}

nanoseconds fraction(std::string_view text) {
    std::int64_t value = 0;
    for (std::size_t i = 1; i <= kFractionDigits; ++i) {
        const bool is_digit = i < text.size() && text[i] >= '0' && text[i] <= '9';
        value = value * 10 + (is_digit ? text[i] - '0' : 0);
        text = is_digit ? text : text.substr(0, i);
    }
    return nanoseconds(value);
}

}  // namespace

std::string format_time(std::int64_t time) {
    const sys_time<nanoseconds> point{nanoseconds(time)};
    const auto day = floor<days>(point);
    const year_month_day date(day);
    const hh_mm_ss clock(point - day);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%09lldZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()),
                  static_cast<long long>(clock.subseconds().count()));
    return text.data();
}

std::int64_t parse_time(std::string_view text) {
    if (text.size() <= kToSeconds || text.back() != 'Z') {
        return 0;
    }
    const auto part = [&](std::size_t at, std::size_t size) {
        return number(text.substr(at, size));
    };
    const year_month_day date{std::chrono::year(part(0, 4)),
                              std::chrono::month(static_cast<unsigned>(part(5, 2))),
                              std::chrono::day(static_cast<unsigned>(part(8, 2)))};
    const int hour = part(11, 2);
    const int minute = part(14, 2);
    const int second = part(17, 2);
    if (!date.ok() || hour < 0 || minute < 0 || second < 0) {
        return 0;
    }
    const sys_time<nanoseconds> point = sys_days(date) + hours(hour) + minutes(minute) +
                                        seconds(second) + fraction(text.substr(kToSeconds));
    return point.time_since_epoch().count();
}

}  // namespace belfry::nats
