// Dead letters: how a message becomes one, what it carries, and the way back.
#include "sdk/testkit/conformance/broker/kit.hpp"

#include <algorithm>
#include <regex>

namespace belfry::conformance::broker {
namespace {

using std::chrono::milliseconds;

class DeadLetters : public Case {
protected:
    /// Publishes them and lets all die with this reason; waits until they are listed.
    Source& bury(const std::vector<std::string>& bodies, std::string_view reason = "bad") {
        auto& source = consume();
        for (const auto& body : bodies) {
            publish(body);
            source.dead(source.wait_for(body), reason);
        }
        (void)source.wait_for_dead(bodies.size());
        return source;
    }
};

TEST_F(DeadLetters, CarryEverythingAndWhy) {
    auto& source = consume();
    const Out out{.id = "id-7",
                  .body = std::string("poi\0son", 7),
                  .key = "k",
                  .content_type = "application/x-poison",
                  .headers = {{"x-own", "kept"}, {"ce-type", "order.created"}}};
    const auto before = host().now();
    ASSERT_TRUE(node().publish(place(), out).ok());
    const auto seen = source.wait(1).at(0);
    source.dead(seen, "no such user: Käthe");
    const auto letter = source.wait_for_dead(1).at(0);
    EXPECT_EQ(letter.body, out.body);
    EXPECT_EQ(letter.content_type, out.content_type);
    EXPECT_EQ(letter.destination, seen.destination);
    EXPECT_EQ(letter.id, seen.id);
    EXPECT_EQ(letter.header("x-own"), "kept");
    EXPECT_EQ(letter.header("ce-type"), "order.created");
    EXPECT_EQ(letter.header(BF_HEADER_REASON), "no such user: Käthe");
    EXPECT_EQ(letter.header(BF_HEADER_SOURCE), source.name());
    EXPECT_EQ(letter.header(BF_HEADER_DESTINATION), seen.destination);
    if (can("coordinates")) {
        EXPECT_EQ(letter.header(BF_HEADER_COORDINATES), seen.coordinates);
    }
    EXPECT_EQ(letter.header(BF_HEADER_ATTEMPTS), "1");
    const auto at = letter.header(BF_HEADER_DEAD_AT).value_or("");
    EXPECT_TRUE(std::regex_match(at, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)")))
        << "expected RFC 3339 in UTC, found " << at;
    EXPECT_GE(host().now(), before);
}

TEST_F(DeadLetters, AreNotDeliveredAgain) {
    auto& source = bury({"a", "b"});
    source.cancel();
    restart();
    expect_left({});
}

TEST_F(DeadLetters, StayWhenTheyAreListed) {
    auto& source = bury(numbered("d", 5));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(bodies_of(source.wait_for_dead(5)).size(), 5U);
    }
    EXPECT_EQ(source.replay(100), 5U);
}

TEST_F(DeadLetters, AreListedOldestFirstUpToTheLimit) {
    auto& source = bury(numbered("d", 5));
    EXPECT_EQ(bodies_of(source.dead_letters(3)), numbered("d", 3));
    EXPECT_EQ(bodies_of(source.dead_letters(1)), numbered("d", 1));
    EXPECT_EQ(bodies_of(source.dead_letters(100)), numbered("d", 5));
}

TEST_F(DeadLetters, AreThereAfterARestart) {
    bury({"a", "b"}).cancel();
    restart();
    EXPECT_EQ(bodies_of(consume().wait_for_dead(2)), (std::vector<std::string>{"a", "b"}));
}

TEST_F(DeadLetters, ComeAfterTheLastAttempt) {
    auto& source = consume({.retries = {.limit = 3, .first = milliseconds(20)}});
    publish("a");
    for (std::size_t attempt = 1; attempt <= 3; ++attempt) {
        source.retry(source.wait_for("a", attempt), {}, "database away");
    }
    const auto letter = source.wait_for_dead(1).at(0);
    EXPECT_EQ(letter.body, "a");
    EXPECT_EQ(letter.header(BF_HEADER_ATTEMPTS), "3");
    const auto reason = letter.header(BF_HEADER_REASON).value_or("");
    EXPECT_NE(reason.find("database away"), std::string::npos) << reason;
    EXPECT_NE(reason.find('3'), std::string::npos) << "expected the attempts in: " << reason;
    EXPECT_EQ(source.count(), 3U);
}

TEST_F(DeadLetters, ComeAfterTheLastAttemptWhateverTheDelay) {
    auto& source = consume({.retries = {.limit = 2}});
    publish("a");
    source.retry(source.wait_for("a"), milliseconds(10));
    source.retry(source.wait_for("a", 2), milliseconds(10));
    EXPECT_EQ(bodies_of(source.wait_for_dead(1)), std::vector<std::string>{"a"});
}

TEST_F(DeadLetters, InTheMiddleHoldUpNobody) {
    auto& source =
        consume({.max_in_flight = 2, .retries = {.limit = 2, .first = milliseconds(20)}});
    source.on_each([&](const Delivery& one) {
        if (one.body.starts_with("poison")) {
            source.retry(one, {}, "undecodable");
        } else {
            source.ok(one);
        }
    });
    const auto good = numbered("good ", 40);
    std::vector<Out> outs;
    for (std::size_t i = 0; i < good.size(); ++i) {
        outs.push_back(text(good[i], "k"));
        if (i % 10 == 4) {
            outs.push_back(text("poison " + std::to_string(i), "k"));
        }
    }
    (void)publish_at_once(outs);
    source.wait_for_all(good);
    EXPECT_EQ(source.wait_for_dead(4).size(), 4U);
    for (const auto& body : good) {
        EXPECT_EQ(source.count_of(body), 1U) << body;
    }
}

TEST_F(DeadLetters, ReplayedComeBackOnceAndAreGone) {
    auto& source = bury({"a", "b", "c"});
    EXPECT_EQ(source.replay(100), 3U);
    for (const auto& body : {"a", "b", "c"}) {
        const auto again = source.wait_for(body, 2);
        EXPECT_EQ(again.destination, place().destination);
        source.ok(again);
    }
    EXPECT_EQ(source.replay(100), 0U);
    EXPECT_TRUE(source.dead_letters().empty());
    source.wait_for_stats("nothing in flight",
                          [](const auto& stats) { return stats.in_flight == 0; });
    source.cancel();
    restart();
    expect_left({});
}

TEST_F(DeadLetters, ReplayedAreWhole) {
    auto& source = consume();
    const Out out{.id = "id-7",
                  .body = std::string("poi\0son", 7),
                  .key = "k",
                  .content_type = "application/x-poison",
                  .headers = {{"x-own", "kept"}}};
    ASSERT_TRUE(node().publish(place(), out).ok());
    const auto first = source.wait(1).at(0);
    source.dead(first, "bad");
    (void)source.wait_for_dead(1);
    EXPECT_EQ(source.replay(1), 1U);
    const auto again = source.wait_for(out.body, 2);
    EXPECT_EQ(again.id, first.id);
    EXPECT_EQ(again.key, first.key);
    EXPECT_EQ(again.exchange, first.exchange);
    EXPECT_EQ(again.content_type, first.content_type);
    EXPECT_EQ(again.header("x-own"), "kept");
}

TEST_F(DeadLetters, AreReplayedOldestFirstUpToTheLimit) {
    auto& source = bury(numbered("d", 5));
    EXPECT_EQ(source.replay(2), 2U);
    (void)source.wait_for("d1", 2);
    (void)source.wait_for("d2", 2);
    EXPECT_EQ(bodies_of(source.wait_for_dead(3)), (std::vector<std::string>{"d3", "d4", "d5"}));
    EXPECT_EQ(source.replay(2), 2U);
    EXPECT_EQ(source.replay(2), 1U);
    source.wait_for_all(numbered("d", 5));
    (void)source.wait_for("d5", 2);
    EXPECT_EQ(source.count(), 10U);
}

TEST_F(DeadLetters, ThatDiedLaterAreNotReplayed) {
    const auto start = host().now();
    auto& source = bury({"a", "b"});
    EXPECT_EQ(source.replay(100, start - 1'000'000'000), 0U);
    EXPECT_EQ(source.wait_for_dead(2).size(), 2U);
    EXPECT_EQ(source.count(), 2U);
    // So that a replay ends where what it brought back dies at once.
    EXPECT_EQ(source.replay(100, host().now() + 1'000'000'000), 2U);
}

TEST_F(DeadLetters, ThatWereReplayedMayDieAgain) {
    auto& source = bury({"a"}, "first reason");
    EXPECT_EQ(source.replay(1), 1U);
    source.dead(source.wait_for("a", 2), "second reason");
    testkit::eventually(
        "the second death",
        [&] {
            const auto letters = source.dead_letters();
            return letters.size() == 1 && letters[0].header(BF_HEADER_REASON) == "second reason";
        },
        settings().patience());
}

TEST_F(DeadLetters, OfASourceThatIsNoneAreNotFound) {
    (void)node();
    EXPECT_EQ(node().dead_letters("nobody").status, Status::not_found);
    EXPECT_EQ(node().replay("nobody", 1).status, Status::not_found);
}

}  // namespace
}  // namespace belfry::conformance::broker
