// The schedule of attempts, and what becomes of a message after the last one.
#include "tests/unit/broker_memory/node.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

using Bodies = std::vector<std::string>;

Bodies bodies_of(const std::vector<testkit::Message>& messages) {
    Bodies bodies;
    for (const auto& message : messages) {
        bodies.push_back(message.body);
    }
    return bodies;
}

class DeadLetters : public testing::Test {
protected:
    ~DeadLetters() override {
        node_.instance().stop();
        EXPECT_EQ(host_.violations(), std::vector<std::string>{});
    }

    void publish(std::string_view destination, const Bodies& bodies) {
        for (const auto& body : bodies) {
            ASSERT_TRUE(node_.publish(destination, body).ok());
        }
    }
    /// The newest delivery dies.
    void bury(std::size_t deliveries, std::string_view reason) {
        node_.settle("in", consumer_.wait(deliveries).back().token, BF_SETTLED_DEAD, 0, reason);
    }
    [[nodiscard]] Bodies buried(std::uint64_t limit = 100) const {
        return bodies_of(node_.dead_letters("in", limit).value);
    }

    Consumer consumer_;
    Consumer other_;
    testkit::Host host_;
    Node node_{host_};
};

TEST_F(DeadLetters, ComeAfterTheLastAttemptOfAGrowingSchedule) {
    constexpr auto kJson =
        R"({"destination":"a","retry":{"limit":4,"first":10000000000,"factor":3,"longest":60000000000}})";
    ASSERT_TRUE(node_.consume_with("in", kJson, consumer_).ok());
    publish("a", {"x"});
    std::size_t seen = 1;
    for (const std::int64_t seconds : {10, 30, 60}) {
        node_.settle("in", consumer_.wait(seen).back().token, BF_SETTLED_RETRY, 0, "busy");
        node_.settle_down();
        host_.advance((seconds - 1) * kSecond);
        node_.settle_down();
        EXPECT_EQ(consumer_.count(), seen) << seconds;
        host_.advance(kSecond);
        ++seen;
        EXPECT_EQ(consumer_.wait(seen).back().attempt, seen);
    }
    node_.settle("in", consumer_.wait(seen).back().token, BF_SETTLED_RETRY, 0, "busy");
    const auto letters = node_.dead_letters("in").value;
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].header(BF_HEADER_REASON), "failed 4 times: busy");
    EXPECT_EQ(letters[0].header(BF_HEADER_ATTEMPTS), "4");
    EXPECT_EQ(node_.stats("in").lag, 0U);
}

TEST_F(DeadLetters, ComeAtTheDefaultLimitWhateverTheDelay) {
    ASSERT_TRUE(node_.consume("in", "a", consumer_).ok());
    publish("a", {"x"});
    for (std::size_t attempt = 1; attempt <= 5; ++attempt) {
        EXPECT_EQ(buried(), Bodies{});
        node_.settle("in", consumer_.wait(attempt).back().token, BF_SETTLED_RETRY, 1);
    }
    EXPECT_EQ(buried(), Bodies{"x"});
}

TEST_F(DeadLetters, KeepTheMessageAndSayWhy) {
    ASSERT_TRUE(node_.consume("in", "orders.>", consumer_).ok());
    publish("orders.a", {"poison"});
    bury(1, "no such user");
    EXPECT_EQ(node_.stats("in").dead, 1U);
    EXPECT_EQ(node_.stats("in").dead_letters, 1U);
    const auto letters = node_.dead_letters("in").value;
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].destination, "orders.a");
    EXPECT_EQ(letters[0].header("x-test"), "yes");
    ASSERT_TRUE(node_.consume("graves", "in.dead", other_).ok());
    const Delivered dead = other_.wait(1)[0];
    EXPECT_EQ(dead.body, "poison");
    EXPECT_EQ(dead.destination, "in.dead");
    EXPECT_EQ(dead.headers.at(BF_HEADER_REASON), "no such user");
    EXPECT_EQ(dead.headers.at(BF_HEADER_SOURCE), "in");
    EXPECT_EQ(dead.headers.at(BF_HEADER_DESTINATION), "orders.a");
    EXPECT_EQ(dead.headers.at(BF_HEADER_COORDINATES), consumer_.wait(1)[0].coordinates);
    EXPECT_EQ(dead.headers.at(BF_HEADER_ATTEMPTS), "1");
    const std::string at = dead.headers.at(BF_HEADER_DEAD_AT);
    EXPECT_EQ(at.size(), std::string_view("2026-01-01T00:00:00.000Z").size()) << at;
    EXPECT_EQ(at.substr(0, 2), "20");
    EXPECT_EQ(at.back(), 'Z');
    EXPECT_EQ(dead.headers.at("x-test"), "yes");
}

TEST_F(DeadLetters, DoNotComeBackThroughAPattern) {
    ASSERT_TRUE(node_.consume("in", ">", consumer_).ok());
    publish("orders", {"poison", "good"});
    node_.settle("in", consumer_.wait(2)[0].token, BF_SETTLED_DEAD, 0, "bad");
    node_.settle_down();
    EXPECT_EQ(consumer_.count(), 2U);
}

TEST_F(DeadLetters, AreListedOldestFirstAndStay) {
    ASSERT_TRUE(node_.consume("in", "a", consumer_, 1).ok());
    publish("a", {"1", "2", "3"});
    for (std::size_t number = 1; number <= 3; ++number) {
        bury(number, "bad");
    }
    EXPECT_EQ(buried(2), (Bodies{"1", "2"}));
    EXPECT_EQ(buried(0), Bodies{});
    EXPECT_EQ(buried(), (Bodies{"1", "2", "3"}));
}

TEST_F(DeadLetters, GoWhereTheSourceSaysAndAreItsOwn) {
    ASSERT_TRUE(
        node_.consume_with("in", R"({"destination":"a","dead_letters":"all"})", consumer_).ok());
    ASSERT_TRUE(
        node_.consume_with("else", R"({"destination":"b","dead_letters":"all"})", other_).ok());
    publish("a", {"mine"});
    publish("b", {"other's"});
    publish("all", {"nobody's"});
    bury(1, "bad");
    node_.settle("else", other_.wait(1)[0].token, BF_SETTLED_DEAD, 0, "bad");
    EXPECT_EQ(buried(), Bodies{"mine"});
    EXPECT_EQ(node_.replay("in", 10, INT64_MAX).value.count, 1U);
    EXPECT_EQ(consumer_.bodies(2).back(), "mine");
    EXPECT_EQ(bodies_of(node_.dead_letters("else").value), Bodies{"other's"});
    EXPECT_EQ(node_.stats("in").dead_letters, 2U);
}

TEST_F(DeadLetters, ReplayedAreAsTheyWereBefore) {
    ASSERT_TRUE(node_.consume("in", "a", consumer_, 1).ok());
    ASSERT_TRUE(node_.consume("all", ">", other_).ok());
    publish("a", {"1", "2"});
    bury(1, "bad");
    bury(2, "bad");
    const auto death = host_.now();
    EXPECT_EQ(node_.replay("in", 10, death - 3600 * kSecond).value.count, 0U);
    EXPECT_EQ(node_.replay("in", 1, death + 1).value.count, 1U);
    EXPECT_EQ(buried(), Bodies{"2"});
    const Delivered again = consumer_.wait(3).back();
    const Delivered first = consumer_.wait(1)[0];
    EXPECT_EQ(again.body, "1");
    EXPECT_EQ(again.destination, first.destination);
    EXPECT_EQ(again.id, first.id);
    EXPECT_EQ(again.headers, first.headers);
    EXPECT_EQ(again.attempt, 1U);
    node_.settle("in", again.token, BF_SETTLED_OK);
    EXPECT_EQ(node_.replay("in", 10, INT64_MAX).value.count, 1U);
    EXPECT_EQ(node_.replay("in", 10, INT64_MAX).value.count, 0U);
    EXPECT_EQ(consumer_.bodies(4).back(), "2");
    EXPECT_EQ(other_.count(), 2U);
}

TEST_F(DeadLetters, OfUnknownSourcesAreNotFound) {
    EXPECT_EQ(node_.dead_letters("nobody").status, sdk::Status::not_found);
    EXPECT_EQ(node_.replay("nobody", 1, 1).status, sdk::Status::not_found);
}

TEST_F(DeadLetters, TheOldestThatWaitsIsKnown) {
    ASSERT_TRUE(node_.consume("in", "a", consumer_, 1).ok());
    EXPECT_EQ(node_.stats("in").oldest, 0);
    const auto before = host_.now();
    publish("a", {"1", "2"});
    node_.settle("in", consumer_.wait(1)[0].token, BF_SETTLED_RETRY, 3600 * kSecond);
    (void)consumer_.wait(2);
    const auto oldest = node_.stats("in").oldest;
    EXPECT_GE(oldest, before);
    EXPECT_LE(oldest, host_.now());
}

}  // namespace
}  // namespace belfry::test
