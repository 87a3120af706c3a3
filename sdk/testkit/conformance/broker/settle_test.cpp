// What becomes of a message by how it is settled, and by not being settled.
#include "sdk/testkit/conformance/broker/kit.hpp"

#include <algorithm>

namespace belfry::conformance::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Clocks of a server tick in steps.
constexpr milliseconds kTolerance{20};

class Settle : public Case {
protected:
    static nanoseconds between(const Delivery& later, Clock::time_point settled) {
        return later.at - settled + kTolerance;
    }
};

TEST_F(Settle, OkNeverComesAgain) {
    auto& source = consume();
    source.settle_all();
    const auto bodies = numbered("m", 100);
    (void)publish_at_once(texts(bodies));
    source.wait_for_all(bodies);
    source.wait_for_stats("nothing in flight",
                          [](const auto& stats) { return stats.in_flight == 0; });
    source.cancel();
    EXPECT_EQ(source.count(), bodies.size());
    expect_left({});
    restart();
    expect_left({});
}

TEST_F(Settle, OkOfSomeLeavesTheOthers) {
    auto& source = consume();
    const auto bodies = numbered("m", 10);
    publish_all(bodies);
    std::vector<std::string> left;
    for (const auto& one : source.wait(10)) {
        const bool is_settled = (one.body.back() - '0') % 2 == 0;
        if (is_settled) {
            source.ok(one);
        } else {
            left.push_back(one.body);
        }
    }
    restart();
    expect_left(left);
}

TEST_F(Settle, OkMayComeAfterTheCancel) {
    auto& source = consume();
    publish_all({"a", "b"});
    const auto seen = source.wait(2);
    source.cancel();
    source.ok(seen[0]);
    source.ok(seen[1]);
    restart();
    expect_left({});
}

TEST_F(Settle, UnsettledComesAgainAfterTheInstance) {
    auto& source = consume();
    publish_all({"a", "b", "c"});
    (void)source.wait(3);
    restart();
    expect_left({"a", "b", "c"});
}

TEST_F(Settle, UnsettledComesAgainAfterCancelAndInstance) {
    auto& source = consume();
    publish_all({"a", "b", "c"});
    const auto seen = source.wait(3);
    source.cancel();
    restart();
    auto& again = consume();
    for (const auto& one : seen) {
        EXPECT_EQ(again.wait_for(one.body).body, one.body);
    }
}

TEST_F(Settle, UnsettledSaysThatItCameBefore) {
    auto& source = consume();
    publish("a");
    EXPECT_EQ(source.wait_for("a").attempt, 1U);
    restart();
    EXPECT_GT(consume().wait_for("a").attempt, 1U);
}

TEST_F(Settle, UnsettledComesToAnotherInstance) {
    auto& source = consume();
    publish_all({"a", "b"});
    (void)source.wait(2);
    auto& other = make_source(add_node("other"), place());
    other.consume();
    stop(node());
    other.wait_for_all({"a", "b"});
}

TEST_F(Settle, RetryComesAgainAsTheNextAttempt) {
    auto& source = consume();
    publish("a");
    for (std::size_t attempt = 1; attempt <= 4; ++attempt) {
        const auto one = source.wait_for("a", attempt);
        EXPECT_EQ(one.attempt, attempt);
        EXPECT_EQ(one.destination, place().destination);
        if (can("ids")) {
            EXPECT_EQ(one.id, "a");
        }
        source.retry(one);
    }
    source.ok(source.wait_for("a", 5));
    source.wait_for_stats("nothing in flight",
                          [](const auto& stats) { return stats.in_flight == 0; });
    EXPECT_EQ(source.count(), 5U);
}

TEST_F(Settle, RetryComesNoSoonerThanItsDelay) {
    auto& source = consume();
    publish("a");
    constexpr milliseconds kDelay{1'200};
    const auto one = source.wait_for("a");
    const auto settled = Clock::now();
    source.retry(one, kDelay);
    EXPECT_GE(between(source.wait_for("a", 2), settled), kDelay);
}

TEST_F(Settle, RetryComesBySchedule) {
    auto& source = consume(
        {.retries = {
             .limit = 5, .first = milliseconds(300), .factor = 3, .longest = milliseconds(1'000)}});
    publish("a");
    std::size_t attempt = 0;
    for (const int delay : {300, 900, 1'000}) {
        const auto one = source.wait_for("a", ++attempt);
        const auto settled = Clock::now();
        source.retry(one);
        EXPECT_GE(between(source.wait_for("a", attempt + 1), settled), milliseconds(delay))
            << "attempt " << attempt;
    }
}

TEST_F(Settle, RetryHoldsUpNobody) {
    auto& source = consume({.max_in_flight = 1});
    publish("first");
    source.retry(source.wait_for("first"), milliseconds(3'000));
    source.settle_all();
    const auto bodies = numbered("m", 20);
    publish_all(bodies);
    source.wait_for_all(bodies);
    EXPECT_EQ(source.count_of("first"), 1U);
    (void)source.wait_for("first", 2);
}

TEST_F(Settle, RetryThatWaitsSurvivesTheInstance) {
    auto& source = consume();
    publish("a");
    source.retry(source.wait_for("a"), milliseconds(500));
    restart();
    auto& again = consume();
    again.settle_all();
    (void)again.wait_for("a");
}

TEST_F(Settle, IgnoresTokensThatAreNone) {
    auto& source = consume({.max_in_flight = 3});
    publish_all(numbered("m", 6));
    const auto seen = source.wait(3);
    node().settle(source.name(), seen[2].token + 1'000'000, BF_SETTLED_OK);
    node().settle(source.name(), 0, BF_SETTLED_DEAD);
    node().settle(source.name(), UINT64_MAX, BF_SETTLED_RETRY);
    node().settle("nobody", seen[0].token, BF_SETTLED_OK);
    node().settle("", seen[0].token, BF_SETTLED_OK);
    source.ok(seen[0]);
    source.ok(seen[0]);
    source.dead(seen[0], "too late");
    (void)source.wait(4);
    source.wait_for_stats("three in flight",
                          [](const auto& stats) { return stats.in_flight == 3; });
    EXPECT_EQ(source.count(), 4U);
    EXPECT_TRUE(source.dead_letters().empty());
    restart();
    auto left = numbered("m", 6);
    std::erase(left, seen[0].body);
    expect_left(left);
}

TEST_F(Settle, IgnoresTokensOfAnotherSource) {
    const Place second = Kit::get().new_place();
    auto& source = consume();
    auto& other = make_source(node(), second, {.name = "other"});
    other.consume();
    publish("mine");
    ASSERT_TRUE(node().publish(second, text("other's")).ok());
    const auto mine = source.wait_for("mine");
    (void)other.wait_for("other's");
    node().settle("other", mine.token, BF_SETTLED_OK);
    restart();
    expect_left({"mine"});
}

TEST_F(Settle, MayComeFromInsideDeliver) {
    auto& source = consume({.max_in_flight = 4});
    source.on_each([&](const Delivery& one) {
        if (one.body.back() == '5' && one.attempt == 1) {
            source.retry(one, milliseconds(1));
        } else if (one.body.back() == '7') {
            source.dead(one, "seven");
        } else {
            source.ok(one);
        }
        source.pause(false);
    });
    const auto bodies = numbered("m", 100);
    (void)publish_at_once(texts(bodies));
    source.wait_for_all(bodies);
    (void)source.wait_for("m95", 2);
    EXPECT_EQ(source.wait_for_dead(10).size(), 10U);
}

}  // namespace
}  // namespace belfry::conformance::broker
