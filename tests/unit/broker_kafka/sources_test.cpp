// Topics, offsets and pauses of one source.
#include "tests/unit/broker_kafka/node.hpp"

#include <thread>

namespace belfry::test {
namespace {

namespace json = boost::json;

class KafkaSources : public KafkaTest {};

TEST_F(KafkaSources, OfTopicsThatAreMissingAreNotFoundByName) {
    const Node node(host, server().brokers());
    Consumer consumer;
    auto config = declared(topic);
    config["topology"] = "verify";
    for (const auto& missing : {topic, group + ".retry", topic + ".dlq"}) {
        const auto outcome = node.consume("in", config, consumer);
        EXPECT_EQ(outcome.status, sdk::Status::not_found) << outcome.message;
        EXPECT_NE(outcome.message.find(missing + ":"), std::string::npos) << outcome.message;
        admin().create(missing);
    }
    const auto outcome = node.consume("in", config, consumer);
    EXPECT_TRUE(outcome.ok()) << outcome.message;
}

TEST_F(KafkaSources, DeclareWhatIsMissingAndReadAllPartitions) {
    const Node node(host, server().brokers());
    Consumer consumer;
    settle_all(consumer, node, "in");
    ASSERT_TRUE(node.consume("in", declared(topic, 5), consumer).ok());
    for (int number = 0; number < 40; ++number) {
        ASSERT_TRUE(node.publish({topic, "b", "key " + std::to_string(number)}).ok());
    }
    std::set<std::string> partitions;
    for (const auto& one : consumer.wait(40)) {
        partitions.insert(one.coordinates.substr(0, one.coordinates.find('@')));
    }
    EXPECT_EQ(partitions.size(), 5U);
}

TEST_F(KafkaSources, PublishingMakesNoTopic) {
    const Node node(host, server().brokers());
    EXPECT_EQ(node.publish({topic, "x"}).status, sdk::Status::not_found);
    EXPECT_FALSE(admin().has(topic));
    admin().create(topic);
    EXPECT_TRUE(node.publish({topic, "x"}).ok()) << "there now";
}

TEST_F(KafkaSources, CommitTheLowestThatIsNotSettled) {
    Node node(host, server().brokers());
    Consumer consumer;
    ASSERT_TRUE(node.consume("in", declared(topic), consumer).ok());
    for (const auto* body : {"0", "1", "2", "3"}) {
        ASSERT_TRUE(node.publish({topic, body, "k"}).ok());
    }
    const auto seen = consumer.wait(4);
    node.settle("in", seen[3]);
    node.settle("in", seen[1]);
    node.settle("in", seen[0]);
    testkit::eventually(
        "0 and 1 are committed", [&] { return admin().committed(group, topic) == 2; }, kLong);
    node.stop();
    EXPECT_EQ(admin().committed(group, topic), 2);
    const Node again(host, server().brokers(), "again");
    Consumer rest;
    settle_all(rest, again, "in");
    ASSERT_TRUE(again.consume("in", declared(topic), rest).ok());
    EXPECT_EQ(rest.wait(2)[0].body, "2");
    EXPECT_EQ(rest.bodies(), (std::multiset<std::string>{"2", "3"}));
}

TEST_F(KafkaSources, CommitAtTheStopWhatWasSettledBefore) {
    Node node(host, server().brokers());
    Consumer consumer;
    ASSERT_TRUE(node.consume("in", declared(topic), consumer).ok());
    ASSERT_TRUE(node.publish({topic, "a"}).ok());
    node.settle("in", consumer.wait(1)[0]);
    node.stop();
    EXPECT_EQ(admin().committed(group, topic), 1);
}

TEST_F(KafkaSources, MayBeginAtTheEndAndThenMissNothing) {
    Node node(host, server().brokers());
    admin().create(topic);
    ASSERT_TRUE(node.publish({topic, "before"}).ok());
    auto config = declared(topic);
    config["start"] = "latest";
    Consumer consumer;
    ASSERT_TRUE(node.consume("in", config, consumer).ok());
    node.stop();
    Node again(host, server().brokers(), "again");
    ASSERT_TRUE(again.publish({topic, "while nobody was there"}).ok());
    Consumer later;
    ASSERT_TRUE(again.consume("in", config, later).ok());
    EXPECT_EQ(later.wait(1)[0].body, "while nobody was there");
    EXPECT_EQ(consumer.count(), 0U);
}

TEST_F(KafkaSources, StayInTheGroupWhilePausedForLong) {
    const Node node(
        host, server().brokers(), "kafka",
        {{"properties", {{"max.poll.interval.ms", 6'000}, {"session.timeout.ms", 6'000}}}});
    Consumer consumer;
    settle_all(consumer, node, "in");
    ASSERT_TRUE(node.consume("in", declared(topic), consumer).ok());
    node.pause("in", true);
    for (int number = 0; number < 10; ++number) {
        ASSERT_TRUE(node.publish({topic, std::to_string(number)}).ok());
    }
    // Longer than a member may be silent.
    std::this_thread::sleep_for(std::chrono::seconds(9));
    EXPECT_EQ(consumer.count(), 0U);
    EXPECT_TRUE(node.stats("in").connected);
    node.pause("in", false);
    (void)consumer.wait(10);
    EXPECT_EQ(consumer.count(), 10U);
    EXPECT_EQ(node.stats("in").reconnects, 0U);
}

TEST_F(KafkaSources, DeliverHostileMessagesAsTheyAre) {
    const Node node(host, server().brokers());
    Consumer consumer;
    settle_all(consumer, node, "in");
    ASSERT_TRUE(node.consume("in", declared(topic), consumer).ok());
    const std::string bytes("\0\xff\r\n{", 5);
    ASSERT_TRUE(
        node.publish({topic, bytes, bytes, {{"belfry-attempts", "99"}, {"h", bytes}}}).ok());
    ASSERT_TRUE(node.publish({topic, ""}).ok());
    const auto seen = consumer.wait(2);
    EXPECT_EQ(seen[0].body, bytes);
    EXPECT_EQ(seen[0].key, bytes);
    EXPECT_EQ(seen[0].header("h"), bytes);
    EXPECT_EQ(seen[0].header("belfry-attempts"), "99");
    EXPECT_EQ(seen[0].attempt, 1U) << "only what the group's own topic says counts";
    EXPECT_EQ(seen[1].body, "");
}

}  // namespace
}  // namespace belfry::test
