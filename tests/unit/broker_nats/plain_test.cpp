// Plain subscriptions: at most once, and what fails is tried again from memory.
#include "tests/unit/broker_nats/node.hpp"

#include <set>

namespace belfry::test {
namespace {

namespace json = boost::json;

json::object plain(const json::object& more = {}) {
    json::object config{{"subjects", {"orders.*"}},
                        {"retry", {{"limit", 3}, {"first", 10 * kMillisecond}}}};
    for (const auto& member : more) {
        config[member.key()] = member.value();
    }
    return config;
}

TEST_F(NatsTest, PlainSourceNeedsNoStream) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", plain(), consumer).ok());
    client->send("orders.1", "same");
    client->send("orders.1", "same");
    const auto seen = consumer.wait(2);
    EXPECT_EQ(seen[0].body, "same");
    EXPECT_EQ(seen[0].destination, "orders.1");
    EXPECT_FALSE(seen[0].coordinates.empty());
    EXPECT_NE(seen[0].coordinates, seen[1].coordinates);
    EXPECT_EQ(node.stats("in").in_flight, 2U);
    node.settle("in", seen[0].token);
    node.settle("in", seen[1].token);
    testkit::eventually("settled", [&] { return node.stats("in").in_flight == 0; });
}

TEST_F(NatsTest, PlainSourceKeepsToMaxInFlight) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", plain(), consumer, 2).ok());
    for (int i = 0; i < 10; ++i) {
        client->send("orders.1", std::to_string(i));
    }
    testkit::eventually("all there", [&] { return node.stats("in").lag == 8; });
    EXPECT_EQ(consumer.count(), 2U);
    for (std::size_t i = 0; i < 10; ++i) {
        node.settle("in", consumer.wait(i + 1)[i].token);
    }
    EXPECT_EQ(consumer.wait(10)[9].body, "9");
}

TEST_F(NatsTest, PlainSourceTriesAgainAndBuriesAfterTheLimit) {
    Consumer consumer;
    Node node(host, server->url());
    client->make_stream("DEAD", {"dead"});
    ASSERT_TRUE(node.consume("in", plain({{"dead_letters", "dead"}}), consumer).ok());
    client->send("orders.1", "bad");
    for (std::size_t attempt = 1; attempt <= 3; ++attempt) {
        const auto one = consumer.wait(attempt).back();
        EXPECT_EQ(one.attempt, attempt);
        node.settle("in", one.token, BF_SETTLED_RETRY, 0, "away");
    }
    testkit::eventually("dead", [&] { return client->count("DEAD") == 1; });
    const auto letter = node.dead_letters("in").at(0);
    EXPECT_EQ(letter.destination, "orders.1");
    EXPECT_NE(letter.headers.find(BF_HEADER_REASON)->second.find("away"), std::string::npos);
    EXPECT_EQ(node.replay("in").value.count, 1U);
    EXPECT_EQ(consumer.wait(4).back().body, "bad");
}

TEST_F(NatsTest, PlainSourceWithoutDeadLettersSaysWhatItDrops) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", plain(), consumer).ok());
    client->send("orders.1", "bad");
    node.settle("in", consumer.wait(1)[0].token, BF_SETTLED_DEAD, 0, "no good");
    testkit::eventually("said", [&] {
        return host.logged("dead message dropped, the source has no dead letters") == 1;
    });
    EXPECT_EQ(node.stats("in").in_flight, 0U);
}

TEST_F(NatsTest, PlainSourcesShareAQueueOrNot) {
    Consumer one;
    Consumer two;
    Consumer all;
    Node left(host, server->url(), {}, "left");
    Node right(host, server->url(), {}, "right");
    ASSERT_TRUE(left.consume("in", plain(), one, 1'000).ok());
    ASSERT_TRUE(right.consume("in", plain(), two, 1'000).ok());
    ASSERT_TRUE(right.consume("all", plain({{"queue", ""}}), all, 1'000).ok());
    for (int i = 0; i < 100; ++i) {
        client->send("orders.1", std::to_string(i));
    }
    EXPECT_EQ(all.wait(100).size(), 100U);
    testkit::eventually("shared", [&] { return one.count() + two.count() == 100; });
}

TEST_F(NatsTest, PlainSourceStandsAgainAfterARestart) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", plain(), consumer).ok());
    server->kill();
    node.wait_for_health(sdk::Health::down);
    server->start();
    node.wait_for_health(sdk::Health::ok);
    client.emplace(server->url());
    client->send("orders.1", "after");
    EXPECT_EQ(consumer.wait(1)[0].body, "after");
}

}  // namespace
}  // namespace belfry::test
