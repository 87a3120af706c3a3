// The server is killed, silent, or away for a while.
#include "tests/unit/broker_nats/node.hpp"

#include <chrono>

namespace belfry::test {
namespace {

TEST_F(NatsTest, OutageIsSaidByNameAndHealed) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer).ok());
    server->kill();
    const auto reason = node.wait_for_health(sdk::Health::down);
    EXPECT_NE(reason.find("127.0.0.1:" + std::to_string(server->port())), std::string::npos)
        << reason;
    EXPECT_EQ(node.publish({"s", "x"}).status, sdk::Status::unavailable);
    Consumer other;
    EXPECT_EQ(node.consume("more", declared("S", "q", {"s"}), other).status,
              sdk::Status::unavailable);
    EXPECT_FALSE(node.stats("in").connected);
    server->start();
    node.wait_for_health(sdk::Health::ok);
    EXPECT_TRUE(node.publish({"s", "after"}).ok());
    EXPECT_EQ(consumer.wait(1)[0].body, "after");
    EXPECT_EQ(node.stats("in").reconnects, 1U);
    EXPECT_EQ(host.metric("nats", "nats_reconnects_total"), 1);
}

TEST_F(NatsTest, SilenceOfTheServerIsNoticed) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer).ok());
    server->freeze();
    const auto reason = node.wait_for_health(sdk::Health::down);
    EXPECT_FALSE(reason.empty());
    server->thaw();
    node.wait_for_health(sdk::Health::ok);
    ASSERT_TRUE(node.publish({"s", "after"}).ok());
    EXPECT_EQ(consumer.wait(1)[0].body, "after");
}

TEST_F(NatsTest, StopDoesNotWaitForAServerThatIsSilent) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer).ok());
    server->freeze();
    (void)node.begin_publish({"s", "never confirmed"});
    const auto begin = std::chrono::steady_clock::now();
    node.instance().stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
    server->thaw();
}

TEST_F(NatsTest, StopEndsTheTriesToConnect) {
    Node node(host, server->url());
    server->kill();
    node.wait_for_health(sdk::Health::down);
    node.instance().stop();
}

TEST_F(NatsTest, WhatWasSettledDuringAnOutageIsAcknowledgedAfterIt) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer).ok());
    client->publish("s", "x");
    const auto one = consumer.wait(1)[0];
    server->kill();
    node.wait_for_health(sdk::Health::down);
    node.settle("in", one.token);
    server->start();
    node.wait_for_health(sdk::Health::ok);
    client.emplace(server->url());
    testkit::eventually("settled", [&] {
        for (const auto& again : consumer.wait(1)) {
            node.settle("in", again.token);  // where the killed server had forgotten it
        }
        return client->open("S", "r") == 0;
    });
}

}  // namespace
}  // namespace belfry::test
