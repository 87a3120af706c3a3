#include "plugins/broker/memory/calendar.hpp"

#include <time.h>

#include <array>
#include <chrono>

namespace belfry::memory {

std::string rfc3339(std::int64_t time) {
    using std::chrono::floor;
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    const auto since = floor<milliseconds>(std::chrono::nanoseconds(time));
    const auto whole = floor<seconds>(since);
    const ::time_t clock = whole.count();
    ::tm parts{};
    ::gmtime_r(&clock, &parts);
    std::array<char, 64> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
    const std::string fraction = std::to_string(1000 + (since - whole).count()).substr(1);
    return std::string(text.data(), length) + fraction + "Z";
}

}  // namespace belfry::memory
