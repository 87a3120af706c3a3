// Statistics follow what happens.
#include "sdk/testkit/conformance/broker/kit.hpp"

#include <thread>

namespace belfry::conformance::broker {
namespace {

class Stats : public Case {};

TEST_F(Stats, CountWhatIsInFlight) {
    auto& source = consume({.max_in_flight = 4});
    publish_all(numbered("m", 6));
    const auto seen = source.wait(4);
    EXPECT_EQ(source.stats().in_flight, 4U);
    EXPECT_TRUE(source.stats().connected);
    EXPECT_EQ(source.stats().redelivered, 0U);
    source.settle_all();
    for (const auto& one : seen) {
        source.ok(one);
    }
    source.wait_for_all(numbered("m", 6));
    source.wait_for_stats("nothing in flight",
                          [](const auto& stats) { return stats.in_flight == 0; });
}

TEST_F(Stats, KnowWhatWaits) {
    auto& source = consume({.max_in_flight = 2});
    source.wait_for_stats("nothing waits", [](const auto& stats) { return stats.lag == 0; });
    publish_all(numbered("m", 12));
    const auto seen = source.wait(2);
    source.wait_for_stats("ten wait", [](const auto& stats) { return stats.lag == 10; });
    source.settle_all();
    source.ok(seen[0]);
    source.ok(seen[1]);
    source.wait_for_all(numbered("m", 12));
    source.wait_for_stats("nothing waits", [](const auto& stats) { return stats.lag == 0; });
}

TEST_F(Stats, KnowSinceWhenTheOldestWaits) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    auto& source = consume({.max_in_flight = 1});
    publish("held");
    const auto held = source.wait_for("held");
    const auto before = host().now();
    publish("waits");
    source.wait_for_stats("the time of the oldest", [&](const auto& stats) {
        return stats.oldest > before - kSecond && stats.oldest < host().now() + kSecond;
    });
    source.settle_all();
    source.ok(held);
    (void)source.wait_for("waits");
    source.wait_for_stats("nothing waits", [](const auto& stats) { return stats.oldest == 0; });
}

TEST_F(Stats, CountTheDead) {
    auto& source = consume();
    EXPECT_EQ(source.stats().dead, 0U);
    publish_all({"a", "b", "c"});
    for (const auto& one : source.wait(3)) {
        source.dead(one, "bad");
    }
    (void)source.wait_for_dead(3);
    source.wait_for_stats("three died", [](const auto& stats) { return stats.dead == 3; });
    source.settle_all();
    EXPECT_EQ(source.replay(2), 2U);
    EXPECT_EQ(source.stats().dead, 3U) << "since the start";
}

TEST_F(Stats, KnowTheDeadLetters) {
    auto& source = consume();
    source.wait_for_stats("none", [](const auto& stats) { return stats.dead_letters == 0; });
    publish_all({"a", "b", "c"});
    for (const auto& one : source.wait(3)) {
        source.dead(one, "bad");
    }
    source.wait_for_stats("three", [](const auto& stats) { return stats.dead_letters == 3; });
    source.settle_all();
    EXPECT_EQ(source.replay(2), 2U);
    source.wait_for_stats("one", [](const auto& stats) { return stats.dead_letters == 1; });
}

TEST_F(Stats, CountWhatCameAgain) {
    auto& source = consume();
    publish_all({"a", "b"});
    for (const auto& one : source.wait(2)) {
        source.retry(one);
    }
    (void)source.wait(4);
    source.wait_for_stats("two came again",
                          [](const auto& stats) { return stats.redelivered == 2; });
}

}  // namespace
}  // namespace belfry::conformance::broker
