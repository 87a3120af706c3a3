// What is held longer than ack_wait stays ours; what nobody holds any more comes again.
#include "tests/unit/broker_nats/node.hpp"

#include <chrono>

namespace belfry::test {
namespace {

namespace json = boost::json;

json::object short_lease() {
    auto config = declared("S", "r", {"s"});
    config["ack_wait"] = 500 * kMillisecond;
    return config;
}

void hold_for(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    testkit::eventually("the time", [&] { return std::chrono::steady_clock::now() >= until; });
}

constexpr std::chrono::milliseconds kLonger{2'000};

TEST_F(NatsTest, LeaseGoesOnWhileAMessageIsHeld) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", short_lease(), consumer).ok());
    client->publish("s", "slow");
    const auto one = consumer.wait(1)[0];
    hold_for(kLonger);
    EXPECT_EQ(consumer.count(), 1U);
    node.settle("in", one.token);
    testkit::eventually("settled", [&] { return client->open("S", "r") == 0; });
    EXPECT_EQ(consumer.count(), 1U);
}

TEST_F(NatsTest, LeaseGoesOnWhileTheSourceIsPaused) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", short_lease(), consumer, 10).ok());
    node.pause("in", true);
    for (int i = 0; i < 5; ++i) {
        client->publish("s", std::to_string(i));
    }
    hold_for(kLonger);
    EXPECT_EQ(consumer.count(), 0U);
    node.pause("in", false);
    for (const auto& one : consumer.wait(5)) {
        EXPECT_EQ(one.attempt, 1U);
        node.settle("in", one.token);
    }
    testkit::eventually("settled", [&] { return client->open("S", "r") == 0; });
    EXPECT_EQ(consumer.count(), 5U);
}

TEST_F(NatsTest, LeaseGoesOnAfterACancel) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", short_lease(), consumer).ok());
    client->publish("s", "slow");
    const auto one = consumer.wait(1)[0];
    ASSERT_TRUE(node.cancel("in").ok());
    hold_for(kLonger);
    node.settle("in", one.token);
    testkit::eventually("settled", [&] { return client->open("S", "r") == 0; });
}

TEST_F(NatsTest, LeaseOfAFrozenServerIsNotLostForTheMessage) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", short_lease(), consumer).ok());
    client->publish("s", "held");
    const auto one = consumer.wait(1)[0];
    server->freeze();
    hold_for(kLonger);
    server->thaw();
    // Whether it comes again or not: the settlement of its last delivery counts.
    node.settle("in", one.token);
    testkit::eventually("settled", [&] {
        for (const auto& again : consumer.wait(1)) {
            node.settle("in", again.token);
        }
        return client->open("S", "r") == 0;
    });
}

}  // namespace
}  // namespace belfry::test
