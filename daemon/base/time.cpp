#include "daemon/base/time.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace belfry {
namespace {

Nanos read(clockid_t id) {
    timespec spec{};
    clock_gettime(id, &spec);
    return spec.tv_sec * kSecond + spec.tv_nsec;
}

class SystemClock final : public Clock {
public:
    [[nodiscard]] Nanos now() const override { return read(CLOCK_REALTIME); }
    [[nodiscard]] Nanos monotonic() const override { return read(CLOCK_MONOTONIC); }
};

}  // namespace

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

std::string to_rfc3339(Nanos time) {
    Nanos seconds = time / kSecond;
    Nanos rest = time % kSecond;
    if (rest < 0) {
        rest += kSecond;
        --seconds;
    }
    const std::time_t whole = seconds;
    std::tm parts{};
    gmtime_r(&whole, &parts);
    std::array<char, 64> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::string result(text.data(), length);
    std::snprintf(text.data(), text.size(), ".%03dZ", static_cast<int>(rest / kMillisecond));
    return result + text.data();
}

}  // namespace belfry
