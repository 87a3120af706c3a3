// Servers that are killed, and topics that are deleted.
#include "tests/unit/broker_kafka/node.hpp"

#include <atomic>
#include <thread>

namespace belfry::test {
namespace {

class KafkaOutage : public KafkaTest {};

/// Confirmed before, during or after: each comes at least once.
TEST_F(KafkaOutage, OfTheServerUnderLoadLosesNothingConfirmed) {
    const auto own = KafkaServer::own();
    Node node(host, own.brokers());
    Consumer consumer;
    settle_all(consumer, node, "in");
    ASSERT_TRUE(node.consume("in", declared(topic, 3), consumer, 20).ok());
    std::atomic<bool> is_over = false;
    std::set<std::string> confirmed;
    std::thread publishing([&] {
        for (int number = 0; !is_over; ++number) {
            const auto body = std::to_string(number);
            if (node.publish({topic, body, body}).ok()) {
                confirmed.insert(body);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    });
    (void)consumer.wait(50);
    own.kill();
    const auto reason = node.wait_for_health(sdk::Health::down);
    EXPECT_NE(reason.find(own.brokers()), std::string::npos) << reason;
    own.start();
    (void)node.wait_for_health(sdk::Health::ok);
    (void)consumer.wait(consumer.count() + 50);
    is_over = true;
    publishing.join();
    testkit::eventually(
        "everything confirmed is there",
        [&] {
            const auto bodies = consumer.bodies();
            return std::ranges::all_of(confirmed,
                                       [&](const auto& body) { return bodies.contains(body); });
        },
        kLong);
    EXPECT_GE(node.stats("in").reconnects, 1U);
    node.stop();
}

TEST_F(KafkaOutage, OfATopicIsHealedWhereItMayBeDeclared) {
    const Node node(host, server().brokers());
    Consumer consumer;
    settle_all(consumer, node, "in");
    ASSERT_TRUE(node.consume("in", declared(topic), consumer).ok());
    ASSERT_TRUE(node.publish({topic, "before"}).ok());
    const auto before = consumer.wait(1)[0];
    admin().remove(topic);
    testkit::eventually("it is made again", [&] { return admin().has(topic); }, kLong);
    testkit::eventually(
        "published into the new one", [&] { return node.publish({topic, "after"}).ok(); }, kLong);
    const auto after = consumer.wait(2)[1];
    EXPECT_EQ(after.body, "after");
    EXPECT_NE(after.coordinates, before.coordinates) << "the same offset of another topic";
}

TEST_F(KafkaOutage, OfATopicIsNamedWhereItMayNotBeDeclared) {
    const Node node(host, server().brokers());
    for (const auto& name : {topic, group + ".retry", topic + ".dlq"}) {
        admin().create(name);
    }
    auto config = declared(topic);
    config["topology"] = "verify";
    Consumer consumer;
    settle_all(consumer, node, "in");
    ASSERT_TRUE(node.consume("in", config, consumer).ok());
    admin().remove(topic);
    const auto reason = node.wait_for_health(sdk::Health::degraded);
    EXPECT_NE(reason.find("source in"), std::string::npos) << reason;
    EXPECT_NE(reason.find(topic), std::string::npos) << reason;
    admin().create(topic);
    (void)node.wait_for_health(sdk::Health::ok);
    testkit::eventually(
        "published into the new one", [&] { return node.publish({topic, "after"}).ok(); }, kLong);
    EXPECT_EQ(consumer.wait(1)[0].body, "after");
}

}  // namespace
}  // namespace belfry::test
