/// Time as numbers, and where it comes from.
#pragma once

#include <cstdint>
#include <string>

namespace belfry {

/// Nanoseconds: since the Unix epoch for a point in time, else a duration.
using Nanos = std::int64_t;

constexpr Nanos kMillisecond = 1'000'000;
constexpr Nanos kSecond = 1'000 * kMillisecond;

/// Injected wherever time is read, so that tests and the simulation own it. Any thread.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;
    [[nodiscard]] virtual Nanos now() const = 0;        ///< wall clock
    [[nodiscard]] virtual Nanos monotonic() const = 0;  ///< for measuring and timeouts
};

/// The machine's clocks.
const Clock& system_clock();

/// RFC 3339 in UTC with milliseconds: "2026-11-20T18:29:31.042Z".
std::string to_rfc3339(Nanos time);

}  // namespace belfry
