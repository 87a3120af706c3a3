// Two members of a group.
#include "tests/unit/broker_kafka/node.hpp"

#include <atomic>
#include <thread>

namespace belfry::test {
namespace {

class KafkaGroup : public KafkaTest {};

/// Members come and go while messages do: nothing is lost, and only what was not settled repeats.
TEST_F(KafkaGroup, SharesTheWorkUnderLoad) {
    constexpr int kCount = 600;
    const Node publisher(host, server().brokers(), "publisher");
    std::set<std::string> published;
    std::multiset<std::string> settled;
    std::mutex mutex;
    const auto settling = [&](Node& node, Consumer& consumer) {
        consumer.react = [&](const Message& message) {
            node.settle("in", message);
            const std::lock_guard lock(mutex);
            settled.insert(message.body);
        };
    };
    Node first(host, server().brokers(), "first");
    Consumer one;
    settling(first, one);
    ASSERT_TRUE(first.consume("in", declared(topic, 4), one, 20).ok());
    std::thread publishing([&] {
        for (int number = 0; number < kCount; ++number) {
            const auto body = std::to_string(number);
            if (publisher.publish({topic, body, body}).ok()) {
                published.insert(body);
            }
        }
    });
    Node second(host, server().brokers(), "second");
    Consumer two;
    settling(second, two);
    EXPECT_TRUE(second.consume("in", declared(topic, 4), two, 20).ok());
    testkit::eventually("the second has work", [&] { return two.count() > 0; }, kLong);
    first.stop();
    publishing.join();
    testkit::eventually(
        "all is delivered",
        [&] {
            const std::lock_guard lock(mutex);
            return std::ranges::all_of(published,
                                       [&](const auto& body) { return settled.contains(body); });
        },
        kLong);
    EXPECT_EQ(published.size(), kCount);
    EXPECT_GT(one.count(), 0U);
    // What was settled and not yet committed when partitions went.
    EXPECT_LE(settled.size(), published.size() + 100U);
    second.stop();
}

TEST_F(KafkaGroup, IgnoresWhatIsSettledWhereThePartitionHasGone) {
    Node first(host, server().brokers(), "first");
    Consumer one;
    ASSERT_TRUE(first.consume("in", declared(topic, 2), one).ok());
    for (int number = 0; number < 20; ++number) {
        const auto body = std::to_string(number);
        ASSERT_TRUE(first.publish({topic, body, body}).ok());
    }
    const auto held = one.wait(20);
    Node second(host, server().brokers(), "second");
    Consumer two;
    settle_all(two, second, "in");
    ASSERT_TRUE(second.consume("in", declared(topic, 2), two).ok());
    testkit::eventually("a partition moved", [&] { return two.count() > 0; }, kLong);
    testkit::eventually(
        "what moved is not in flight here",
        [&] { return first.stats("in").in_flight + two.count() == 20; }, kLong);
    for (const auto& message : held) {
        first.settle("in", message, BF_SETTLED_DEAD, 0, "of a partition that is here");
    }
    testkit::eventually(
        "the others are dead", [&] { return first.dead_letters("in").size() + two.count() == 20; },
        kLong);
}

}  // namespace
}  // namespace belfry::test
