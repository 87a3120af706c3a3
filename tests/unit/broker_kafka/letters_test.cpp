// Retries and dead letters are the group's own.
#include "tests/unit/broker_kafka/node.hpp"

namespace belfry::test {
namespace {

class KafkaLettersOfAGroup : public KafkaTest {};

TEST_F(KafkaLettersOfAGroup, AreSeenByNoOtherGroup) {
    const Node node(host, server().brokers());
    Consumer failing;
    Consumer other;
    settle_all(other, node, "other");
    auto config = declared(topic);
    ASSERT_TRUE(node.consume("in", config, failing).ok());
    config["group"] = topic + ".others";
    ASSERT_TRUE(node.consume("other", config, other).ok());
    ASSERT_TRUE(node.publish({topic, "a", "k"}).ok());
    node.settle("in", failing.wait(1)[0], BF_SETTLED_RETRY);
    node.settle("in", failing.wait(2)[1], BF_SETTLED_DEAD, 0, "bad");
    testkit::eventually(
        "a dead letter", [&] { return node.dead_letters("in").size() == 1; }, kLong);
    EXPECT_TRUE(node.dead_letters("other").empty()) << "in the same topic, of another source";
    EXPECT_EQ(node.replay("other"), 0U);
    EXPECT_EQ(node.replay("in"), 1U);
    const auto again = failing.wait(3)[2];
    EXPECT_EQ(again.body, "a");
    EXPECT_EQ(again.attempt, 1U);
    EXPECT_EQ(again.destination, topic);
    EXPECT_EQ(again.key, "k");
    node.settle("in", again);
    EXPECT_EQ(other.bodies(), std::multiset<std::string>{"a"});
}

TEST_F(KafkaLettersOfAGroup, HaveTheCoordinatesOfTheirMessage) {
    const Node node(host, server().brokers());
    Consumer consumer;
    ASSERT_TRUE(node.consume("in", declared(topic), consumer).ok());
    ASSERT_TRUE(node.publish({topic, "a"}).ok());
    const auto first = consumer.wait(1)[0];
    EXPECT_EQ(first.coordinates.substr(0, topic.size() + 5), topic + "/0@0.");
    node.settle("in", first, BF_SETTLED_RETRY);
    const auto second = consumer.wait(2)[1];
    EXPECT_EQ(second.coordinates, first.coordinates);
    EXPECT_EQ(second.time, first.time);
    node.settle("in", second, BF_SETTLED_DEAD, 0, "bad");
    testkit::eventually(
        "a dead letter", [&] { return node.dead_letters("in").size() == 1; }, kLong);
    EXPECT_EQ(node.dead_letters("in")[0].header(BF_HEADER_COORDINATES), first.coordinates);
}

TEST_F(KafkaLettersOfAGroup, ThatCannotBeWrittenComeAgain) {
    const Node node(host, server().brokers());
    Consumer consumer;
    ASSERT_TRUE(node.consume("in", declared(topic), consumer).ok());
    // Fits, and no longer with what a letter says besides.
    const std::string large(999'850, 'x');
    ASSERT_TRUE(node.publish({topic, large}).ok());
    node.settle("in", consumer.wait(1)[0], BF_SETTLED_DEAD, 0, std::string(5'000, 'r'));
    const auto again = consumer.wait(2)[1];
    EXPECT_EQ(again.coordinates, consumer.wait(2)[0].coordinates);
    EXPECT_NE(node.wait_for_health(sdk::Health::degraded).find("in"), std::string::npos);
    EXPECT_LT(admin().committed(group, topic), 1);
    node.settle("in", again);
    testkit::eventually("it is done", [&] { return admin().committed(group, topic) == 1; }, kLong);
}

}  // namespace
}  // namespace belfry::test
