#include "plugins/broker/kafka/times.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace belfry::kafka {

namespace chrono = std::chrono;

std::string rfc3339(std::int64_t time) {
    const chrono::sys_time<chrono::microseconds> at{
        chrono::floor<chrono::microseconds>(chrono::nanoseconds(time))};
    const auto day = chrono::floor<chrono::days>(at);
    const chrono::year_month_day date(day);
    const chrono::hh_mm_ss clock(at - day);
    std::array<char, 64> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

std::int64_t parse_rfc3339(std::string_view text) {
    constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
    if (text.size() != kForm.size()) {
        return 0;
    }
    const auto part = [&](std::size_t from, std::size_t length) {
        return number_of<int>(text.substr(from, length));
    };
    const chrono::year_month_day date(chrono::year(part(0, 4)),
                                      chrono::month(static_cast<unsigned>(part(5, 2))),
                                      chrono::day(static_cast<unsigned>(part(8, 2))));
    if (!date.ok()) {
        return 0;
    }
    const auto at = chrono::sys_days(date) + chrono::hours(part(11, 2)) +
                    chrono::minutes(part(14, 2)) + chrono::seconds(part(17, 2)) +
                    chrono::microseconds(part(20, 6));
    return chrono::duration_cast<chrono::nanoseconds>(at.time_since_epoch()).count();
}

}  // namespace belfry::kafka
