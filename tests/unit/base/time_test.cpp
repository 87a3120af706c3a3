#include "daemon/base/time.hpp"

#include <gtest/gtest.h>

namespace belfry {
namespace {

TEST(Rfc3339, ShowsMilliseconds) {
    EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(42 * kMillisecond + 999'999), "1970-01-01T00:00:00.042Z");
    EXPECT_EQ(to_rfc3339(1'795'199'371 * kSecond + 42 * kMillisecond), "2026-11-20T18:29:31.042Z");
    EXPECT_EQ(to_rfc3339(951'782'400 * kSecond), "2000-02-29T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(4'102'444'799 * kSecond + 999 * kMillisecond), "2099-12-31T23:59:59.999Z");
}

TEST(Rfc3339, ShowsTimesBeforeTheEpoch) {
    EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(-kSecond), "1969-12-31T23:59:59.000Z");
}

TEST(SystemClock, GoesOn) {
    const Nanos before = system_clock().monotonic();
    EXPECT_GE(system_clock().monotonic(), before);
    EXPECT_GT(system_clock().now(), 1'700'000'000 * kSecond);
}

}  // namespace
}  // namespace belfry
