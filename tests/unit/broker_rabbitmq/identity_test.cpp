// What tells a message from others when it comes again.
#include "tests/support/rabbitmq_relay.hpp"
#include "tests/unit/broker_rabbitmq/rabbit.hpp"

#include <gtest/gtest.h>

#include <set>

namespace belfry::test {
namespace {

class Identity : public Rabbit {
protected:
    std::set<std::string> coordinates(Source& in, std::size_t from, std::size_t to) {
        std::set<std::string> seen;
        const auto all = in.wait(to);
        for (std::size_t i = from; i < to; ++i) {
            seen.insert(all[i].coordinates);
        }
        return seen;
    }
};

TEST_F(Identity, OfAMessageIdIsTheSameForEveryProcess) {
    auto& in = consume(node());
    client().publish("", queue(), "a", "id-1");
    const auto first = in.wait_for("a").coordinates;
    in.node().stop();
    auto& other = consume(node(config_at(url()), "other"));
    EXPECT_EQ(other.wait_for("a").coordinates, first);
    EXPECT_EQ(first, queue() + "@id-1");
}

TEST_F(Identity, OfWhatBelfryPublishedIsTheSameForEveryProcess) {
    auto& in = consume(node());
    ASSERT_TRUE(in.node().publish(place(), {.id = "", .body = "a"}).ok());
    const auto first = in.wait_for("a").coordinates;
    in.node().stop();
    auto& other = consume(node(config_at(url()), "other"));
    const auto again = other.wait_for("a");
    EXPECT_EQ(again.coordinates, first);
    EXPECT_EQ(again.id, "");
}

// Equal messages without an id: as many identities as messages, also when all come again.
TEST_F(Identity, OfEqualMessagesSurvivesAReconnect) {
    Relay relay(port());
    auto& in = consume(node(config_at("amqp://127.0.0.1:" + std::to_string(relay.port()))));
    in.lose_count();
    constexpr std::size_t kCount = 30;
    for (std::size_t i = 0; i < kCount; ++i) {
        client().publish("", queue(), "same");
    }
    const auto first = coordinates(in, 0, kCount);
    EXPECT_EQ(first.size(), kCount);
    relay.cut();
    EXPECT_EQ(coordinates(in, kCount, 2 * kCount), first);
    EXPECT_EQ(in.wait(2 * kCount).back().attempt, 2U);
}

TEST_F(Identity, SurvivesARetryAndAnotherProcess) {
    auto& in = consume(node());
    client().publish("", queue(), "a");
    const auto first = in.wait_for("a");
    in.retry(first);
    EXPECT_EQ(in.wait_for("a", 2).coordinates, first.coordinates);
    in.node().stop();
    auto& other = consume(node(config_at(url()), "other"));
    EXPECT_EQ(other.wait_for("a").coordinates, first.coordinates);
}

TEST_F(Identity, SurvivesDeathAndReplay) {
    auto& in = consume(node());
    client().publish("", queue(), "a");
    const auto first = in.wait_for("a");
    in.dead(first, "bad");
    (void)in.wait_for_dead(1);
    EXPECT_EQ(in.replay(1), 1U);
    EXPECT_EQ(in.wait_for("a", 2).coordinates, first.coordinates);
}

}  // namespace
}  // namespace belfry::test
