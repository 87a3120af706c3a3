// Publishing, delivering and settling.
#include "tests/unit/broker_memory/node.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace belfry::test {
namespace {

using Bodies = std::vector<std::string>;

class Sources : public testing::Test {
protected:
    ~Sources() override {
        node_.instance().stop();
        EXPECT_EQ(host_.violations(), std::vector<std::string>{});
    }

    void publish(std::string_view destination, const Bodies& bodies) {
        for (const auto& body : bodies) {
            ASSERT_TRUE(node_.publish(destination, body).ok());
        }
    }

    // Before the node: deliveries may come until it has stopped.
    Consumer consumer_;
    Consumer other_;
    testkit::Host host_;
    Node node_{host_};
};

TEST_F(Sources, MessagesArriveInOrderAndWhole) {
    ASSERT_TRUE(node_.consume("in", "orders", consumer_).ok());
    ASSERT_TRUE(node_.publish("orders", "one", "key").ok());
    publish("orders", {"two", "three"});
    EXPECT_EQ(consumer_.bodies(3), (Bodies{"one", "two", "three"}));
    const Delivered first = consumer_.wait(1)[0];
    EXPECT_EQ(first.destination, "orders");
    EXPECT_EQ(first.key, "key");
    EXPECT_EQ(first.id, "id-of-one");
    EXPECT_EQ(first.content_type, "text/plain");
    EXPECT_EQ(first.headers.at("x-test"), "yes");
    EXPECT_EQ(first.attempt, 1U);
}

TEST_F(Sources, MessagesWaitForTheirSource) {
    publish("orders", {"one", "two"});
    publish("other", {"three"});
    ASSERT_TRUE(node_.consume("in", "orders", consumer_).ok());
    EXPECT_EQ(consumer_.bodies(2), (Bodies{"one", "two"}));
    ASSERT_TRUE(node_.consume("else", "other", other_).ok());
    EXPECT_EQ(other_.bodies(1), (Bodies{"three"}));
}

TEST_F(Sources, PatternsMatchWhatBeginsWithThem) {
    ASSERT_TRUE(node_.consume("in", "orders.>", consumer_).ok());
    publish("orders", {"no"});
    publish("ordersx.a", {"no"});
    publish("orders.", {"no"});
    publish("orders.a", {"yes"});
    publish("orders.a.b", {"too"});
    EXPECT_EQ(consumer_.bodies(2), (Bodies{"yes", "too"}));
    node_.settle_down();
    EXPECT_EQ(consumer_.count(), 2U);
}

TEST_F(Sources, EveryPatternGetsItsOwnCopy) {
    ASSERT_TRUE(node_.consume("all", ">", consumer_).ok());
    ASSERT_TRUE(node_.consume("one", "orders", other_).ok());
    publish("orders", {"x"});
    EXPECT_EQ(consumer_.bodies(1), (Bodies{"x"}));
    EXPECT_EQ(other_.bodies(1), (Bodies{"x"}));
}

TEST_F(Sources, NoMoreThanAgreedIsInFlight) {
    ASSERT_TRUE(node_.consume("in", "orders", consumer_, 2).ok());
    publish("orders", {"1", "2", "3", "4"});
    const auto first = consumer_.wait(2);
    node_.settle_down();
    EXPECT_EQ(consumer_.count(), 2U);
    EXPECT_EQ(node_.stats("in").in_flight, 2U);
    EXPECT_EQ(node_.stats("in").lag, 2U);
    node_.settle("in", first[1].token, BF_SETTLED_OK);
    EXPECT_EQ(consumer_.bodies(3).back(), "3");
    node_.settle_down();
    EXPECT_EQ(consumer_.count(), 3U);
}

TEST_F(Sources, UnknownTokensAndSourcesAreIgnored) {
    ASSERT_TRUE(node_.consume("in", "orders", consumer_, 1).ok());
    publish("orders", {"1", "2"});
    const auto token = consumer_.wait(1)[0].token;
    node_.settle("in", token + 1000, BF_SETTLED_OK);
    node_.settle("nobody", token, BF_SETTLED_OK);
    node_.settle_down();
    EXPECT_EQ(consumer_.count(), 1U);
    node_.settle("in", token, BF_SETTLED_OK);
    node_.settle("in", token, BF_SETTLED_OK);
    (void)consumer_.wait(2);
    EXPECT_EQ(node_.stats("in").in_flight, 1U);
}

TEST_F(Sources, RetryWithoutDelayGoesAheadOfWhatIsNewer) {
    ASSERT_TRUE(
        node_.consume_with("in", R"({"destination":"orders","retry":{"first":0}})", consumer_, 1)
            .ok());
    publish("orders", {"1", "2"});
    node_.settle("in", consumer_.wait(1)[0].token, BF_SETTLED_RETRY);
    const auto seen = consumer_.wait(2);
    EXPECT_EQ(seen[1].body, "1");
    EXPECT_EQ(seen[1].attempt, 2U);
    EXPECT_EQ(seen[1].coordinates, seen[0].coordinates);
    EXPECT_NE(seen[1].token, seen[0].token);
    EXPECT_EQ(node_.stats("in").redelivered, 1U);
}

TEST_F(Sources, RetryWaitsForItsDelayAndStepsBackIntoItsPlace) {
    ASSERT_TRUE(node_.consume("in", "orders", consumer_, 1).ok());
    publish("orders", {"1", "2", "3"});
    node_.settle("in", consumer_.wait(1)[0].token, BF_SETTLED_RETRY, 3600 * kSecond);
    EXPECT_EQ(consumer_.bodies(2).back(), "2");
    node_.settle_down();
    host_.advance(3600 * kSecond);
    node_.settle("in", consumer_.wait(2)[1].token, BF_SETTLED_OK);
    EXPECT_EQ(consumer_.bodies(3).back(), "1");
    node_.settle("in", consumer_.wait(3)[2].token, BF_SETTLED_OK);
    EXPECT_EQ(consumer_.bodies(4).back(), "3");
}

TEST_F(Sources, DelayedMessageComesWithoutAnyOtherEvent) {
    ASSERT_TRUE(node_.consume("in", "orders", consumer_).ok());
    publish("orders", {"1", "2"});
    const auto seen = consumer_.wait(2);
    node_.settle("in", seen[0].token, BF_SETTLED_RETRY, 60 * kSecond);
    node_.settle("in", seen[1].token, BF_SETTLED_RETRY, 30 * kSecond);
    node_.settle_down();
    EXPECT_EQ(consumer_.count(), 2U);
    host_.advance(30 * kSecond);
    EXPECT_EQ(consumer_.bodies(3).back(), "2");
    host_.advance(30 * kSecond);
    EXPECT_EQ(consumer_.bodies(4).back(), "1");
}

TEST_F(Sources, PausedSourceIsSilentUntilResumed) {
    ASSERT_TRUE(node_.consume("in", "orders", consumer_).ok());
    node_.pause("in", true);
    publish("orders", {"1"});
    node_.settle_down();
    EXPECT_EQ(consumer_.count(), 0U);
    node_.pause("in", false);
    EXPECT_EQ(consumer_.bodies(1), (Bodies{"1"}));
}

TEST_F(Sources, CancelledSourceMayStillSettleAndBeginAgain) {
    ASSERT_TRUE(node_.consume("in", "orders", consumer_).ok());
    publish("orders", {"1", "2"});
    const auto seen = consumer_.wait(2);
    ASSERT_TRUE(node_.cancel("in").ok());
    publish("orders", {"3"});
    node_.settle_down();
    EXPECT_EQ(consumer_.count(), 2U);
    EXPECT_FALSE(node_.stats("in").connected);
    node_.settle("in", seen[0].token, BF_SETTLED_OK);
    node_.settle("in", seen[1].token, BF_SETTLED_RETRY, 1);
    ASSERT_TRUE(node_.consume("in", "orders", other_).ok());
    EXPECT_EQ(other_.bodies(2), (Bodies{"2", "3"}));
}

TEST_F(Sources, BadConfigurationsAreRefusedByTheirKey) {
    const std::vector<std::pair<std::string, std::string>> bad{
        {R"({"destination":""})", "destination: expected a name or prefix.>, found \"\""},
        {R"({"destination":"a>b"})", "destination: expected"},
        {R"({"destination":"a\n"})", "destination: expected"},
        {R"({"destination":7})", "destination: expected a text, found 7"},
        {R"({})", "destination: expected"},
        {R"({"destination":"a","other":1})", "other: expected no such key"},
        {R"({"destination":"a","dead_letters":"a"})", "dead_letters: expected the name of another"},
        {R"({"destination":"a","dead_letters":">"})", "dead_letters: expected"},
        {R"({"destination":"a","retry":3})", "retry: expected an object, found 3"},
        {R"({"destination":"a","retry":{"limit":0}})",
         "retry.limit: expected a number of at least"},
        {R"({"destination":"a","retry":{"first":-1}})", "retry.first: expected"},
        {R"({"destination":"a","retry":{"factor":0.5}})", "retry.factor: expected"},
        {R"({"destination":"a","retry":{"longest":"x"}})", "retry.longest: expected"},
        {R"({"destination":"a","retry":{"often":1}})", "retry.often: expected"},
        {"[]", "the source's configuration: expected an object, found []"},
        {"{", "the source's configuration: expected JSON"}};
    for (const auto& [json, message] : bad) {
        const auto refused = node_.consume_with("in", json, consumer_);
        EXPECT_EQ(refused.status, sdk::Status::invalid) << json;
        EXPECT_EQ(refused.message.find(message), 0U) << refused.message;
    }
}

TEST_F(Sources, BadCallsAreRefused) {
    EXPECT_EQ(node_.consume("in", "a", consumer_, 0).status, sdk::Status::invalid);
    EXPECT_EQ(node_.consume("", "a", consumer_).status, sdk::Status::invalid);
    ASSERT_TRUE(node_.consume("in", "a", consumer_).ok());
    const auto again = node_.consume("in", "b", consumer_);
    EXPECT_EQ(again.status, sdk::Status::conflict);
    EXPECT_EQ(again.message, "source in is there already");
    EXPECT_EQ(node_.cancel("nobody").status, sdk::Status::not_found);
    EXPECT_EQ(node_.publish("", "x").status, sdk::Status::invalid);
    EXPECT_EQ(node_.publish("a.>", "x").status, sdk::Status::invalid);
    EXPECT_EQ(node_.publish("a\n", "x").status, sdk::Status::invalid);
}

}  // namespace
}  // namespace belfry::test
