// The bus, and what it costs the broker.
#include "tests/support/rabbitmq_relay.hpp"
#include "tests/unit/broker_rabbitmq/rabbit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace belfry::test {
namespace {

class Bus : public Rabbit {
protected:
    Ear ear{host};

    /// A bus of its own.
    Node& bus_node(const std::string& name, const std::string& at = "") {
        return node(config_at(at.empty() ? url() : at,
                              R"("heartbeat": 1000000000, "prefix": ")" + queue() + "\""),
                    name);
    }
    void say_until_heard(Node& from, std::uint32_t partition, const std::string& message) {
        testkit::eventually(
            "heard " + message,
            [&] {
                from.broadcast(partition, message);
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                return ear.has({partition, message});
            },
            kPatience);
    }
};

TEST_F(Bus, Of256PartitionsIsOneQueuePerNode) {
    auto& one = bus_node("one");
    auto& two = bus_node("two");
    std::vector<std::uint32_t> all(256);
    std::iota(all.begin(), all.end(), 0U);
    ASSERT_TRUE(one.listen(all, ear).ok());
    for (const auto partition : all) {
        two.broadcast(partition, "to " + std::to_string(partition));
    }
    testkit::eventually("all are heard", [&] { return ear.all().size() == all.size(); }, kPatience);
}

TEST_F(Bus, KeepsTheOrderOfManyMessages) {
    auto& here = bus_node("here");
    ASSERT_TRUE(here.listen({65'535}, ear).ok());
    constexpr std::size_t kCount = 3'000;
    for (std::size_t i = 0; i < kCount; ++i) {
        here.broadcast(65'535, std::to_string(i));
    }
    testkit::eventually("all are heard", [&] { return ear.all().size() == kCount; }, kPatience);
    const auto heard = ear.all();
    for (std::size_t i = 0; i < kCount; ++i) {
        ASSERT_EQ(heard[i].message, std::to_string(i));
    }
    EXPECT_EQ(host.metric("here", "rabbitmq_bus_lost_total"), 0);
}

TEST_F(Bus, ThatIsCutIsMadeAgain) {
    Relay relay(port());
    auto& behind = bus_node("behind", "amqp://127.0.0.1:" + std::to_string(relay.port()));
    auto& other = bus_node("other");
    ASSERT_TRUE(behind.listen({1}, ear).ok());
    say_until_heard(other, 1, "before");
    relay.cut();
    say_until_heard(other, 1, "after");
    wait_for_health(sdk::Health::ok, "", "behind");
}

TEST_F(Bus, ThatIsSilentBlocksNobodyAndCountsWhatIsLost) {
    Relay relay(port());
    auto& behind = bus_node("behind", "amqp://127.0.0.1:" + std::to_string(relay.port()));
    ASSERT_TRUE(behind.listen({1}, ear).ok());
    relay.silence(true);
    const std::string large(20'000, 'x');
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 5'000; ++i) {
        behind.broadcast(1, large);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
    EXPECT_GT(host.metric("behind", "rabbitmq_bus_lost_total"), 0);
    wait_for_health(sdk::Health::down, "", "behind");
    relay.silence(false);
    say_until_heard(behind, 1, "again");
}

}  // namespace
}  // namespace belfry::test
