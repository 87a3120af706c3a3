// Bounds, groups, the bus, drain and stop.
#include "tests/unit/broker_memory/node.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

namespace belfry::test {
namespace {

const std::vector<std::string> kNone;

TEST(Bounds, BeyondTheNumberPublishingIsPutOff) {
    Consumer consumer;
    testkit::Host host;
    Node node(host, "m", config("", 2));
    ASSERT_TRUE(node.publish("a", "1").ok());
    ASSERT_TRUE(node.publish("a", "2").ok());
    const auto refused = node.publish("a", "3");
    EXPECT_EQ(refused.status, sdk::Status::retry);
    EXPECT_GT(refused.retry_after, 0);
    EXPECT_EQ(host.metric("m", "memory_messages"), 2);
    ASSERT_TRUE(node.consume("in", "a", consumer).ok());
    const auto seen = consumer.wait(2);
    EXPECT_EQ(node.publish("a", "3").status, sdk::Status::retry);
    node.settle("in", seen[0].token, BF_SETTLED_OK);
    EXPECT_TRUE(node.publish("a", "3").ok());
    node.instance().stop();
    EXPECT_EQ(host.violations(), kNone);
}

TEST(Bounds, BeyondTheBytesPublishingIsPutOff) {
    testkit::Host host;
    Node node(host, "m", config("", 1000, 4096));
    const std::string large(1500, 'x');
    EXPECT_TRUE(node.publish("a", large).ok());
    EXPECT_EQ(node.publish("a", large).status, sdk::Status::retry);
    EXPECT_TRUE(node.publish("a", "small").ok());
    EXPECT_EQ(node.publish("a", std::string(5000, 'x')).status, sdk::Status::invalid);
}

TEST(Bounds, DeadLettersAreNeverRefused) {
    Consumer consumer;
    Consumer graves;
    testkit::Host host;
    Node node(host, "m", config("", 1));
    ASSERT_TRUE(node.consume("in", "a", consumer).ok());
    ASSERT_TRUE(node.publish("a", "1").ok());
    node.settle("in", consumer.wait(1)[0].token, BF_SETTLED_DEAD, 0, "why");
    EXPECT_EQ(node.publish("a", "2").status, sdk::Status::retry);
    ASSERT_TRUE(node.consume("graves", "in.dead", graves).ok());
    node.settle("graves", graves.wait(1)[0].token, BF_SETTLED_OK);
    EXPECT_TRUE(node.publish("a", "2").ok());
}

TEST(Groups, ShareWorkOnceEach) {
    Consumer one;
    Consumer two;
    testkit::Host host;
    Node left(host, "left", config("cluster"));
    Node right(host, "right", config("cluster"));
    ASSERT_TRUE(left.consume("in", "a", one, 5).ok());
    ASSERT_TRUE(right.consume("in", "a", two, 5).ok());
    one.react = [&](const Delivered& d) { left.settle("in", d.token, BF_SETTLED_OK); };
    two.react = [&](const Delivered& d) { right.settle("in", d.token, BF_SETTLED_OK); };
    for (int number = 0; number < 200; ++number) {
        ASSERT_TRUE((number % 2 == 0 ? left : right).publish("a", std::to_string(number)).ok());
    }
    testkit::eventually("all delivered", [&] { return one.count() + two.count() == 200; });
    std::set<std::string> bodies;
    for (auto* consumer : {&one, &two}) {
        for (const auto& body : consumer->bodies(0)) {
            EXPECT_TRUE(bodies.insert(body).second) << body;
        }
    }
    left.instance().stop();
    right.instance().stop();
    EXPECT_EQ(host.violations(), kNone);
}

TEST(Groups, WhatOneHadInFlightTheOtherGets) {
    Consumer one;
    Consumer two;
    testkit::Host host;
    Node left(host, "left", config("cluster"));
    Node right(host, "right", config("cluster"));
    ASSERT_TRUE(left.consume("in", "a", one).ok());
    ASSERT_TRUE(left.publish("a", "x").ok());
    (void)one.wait(1);
    ASSERT_TRUE(right.consume("in", "a", two).ok());
    left.instance().stop();
    EXPECT_EQ(two.wait(1)[0].attempt, 2U);
}

TEST(Groups, OthersAndUnnamedOnesAreApart) {
    Consumer consumer;
    Consumer other;
    testkit::Host host;
    Node one(host, "one");
    Node two(host, "two");
    Node three(host, "three", config("g"));
    ASSERT_TRUE(two.consume("in", "a", consumer).ok());
    ASSERT_TRUE(three.consume("in", "a", other).ok());
    ASSERT_TRUE(one.publish("a", "x").ok());
    two.settle_down();
    three.settle_down();
    EXPECT_EQ(consumer.count() + other.count(), 0U);
}

TEST(Coordinates, DifferBetweenRuns) {
    std::set<std::string> seen;
    for (int run = 0; run < 3; ++run) {
        Consumer consumer;
        testkit::Host host;
        Node node(host);
        ASSERT_TRUE(node.consume("in", "a", consumer).ok());
        ASSERT_TRUE(node.publish("a", "same").ok());
        EXPECT_TRUE(seen.insert(consumer.wait(1)[0].coordinates).second);
    }
}

TEST(Bus, ReachesAllListenersOfThePartitionTheSenderIncluded) {
    Hearer one;
    Hearer two;
    testkit::Host host;
    Node left(host, "left", config("bus"));
    Node right(host, "right", config("bus"));
    ASSERT_TRUE(left.listen({1, 2}, one).ok());
    ASSERT_TRUE(right.listen({2, 3}, two).ok());
    left.broadcast(1, "a");
    left.broadcast(2, "b");
    right.broadcast(3, "c");
    right.broadcast(9, "nobody");
    EXPECT_EQ(one.wait(2),
              (std::vector<std::pair<std::uint32_t, std::string>>{{1, "a"}, {2, "b"}}));
    EXPECT_EQ(two.wait(2),
              (std::vector<std::pair<std::uint32_t, std::string>>{{2, "b"}, {3, "c"}}));
    ASSERT_TRUE(left.listen({3}, one).ok());
    right.broadcast(1, "d");
    right.broadcast(3, "e");
    EXPECT_EQ(one.wait(3).back(), (std::pair<std::uint32_t, std::string>{3, "e"}));
    left.instance().stop();
    right.instance().stop();
    EXPECT_EQ(host.violations(), kNone);
}

TEST(Bus, LosesTheOldestBeyondItsBound) {
    Hearer hearer;
    testkit::Host host;
    Node node(host, "m");
    std::promise<void> go;
    node.instance().seat().executor().post([held = go.get_future().share()] { held.wait(); });
    auto listening = node.instance().pending("listen");
    const std::uint32_t partition = 1;
    node.table().listen(node.instance().handle(), &partition, 1, &hearer, &Hearer::hear,
                        listening.done());
    for (int number = 0; number < 5000; ++number) {
        node.broadcast(1, std::to_string(number));
    }
    go.set_value();
    EXPECT_TRUE(listening.wait().ok());
    EXPECT_EQ(hearer.wait(4096).front().second, "904");
    EXPECT_EQ(host.metric("m", "memory_bus_lost_total"), 904);
}

TEST(Drain, WaitsForWhatIsInFlight) {
    Consumer consumer;
    testkit::Host host;
    Node node(host);
    ASSERT_TRUE(node.consume("in", "a", consumer, 1).ok());
    ASSERT_TRUE(node.publish("a", "1").ok());
    ASSERT_TRUE(node.publish("a", "2").ok());
    const auto token = consumer.wait(1)[0].token;
    const auto drained = node.instance().begin_drain();
    node.settle_down();
    EXPECT_FALSE(drained.ready());
    node.settle("in", token, BF_SETTLED_OK);
    EXPECT_TRUE(drained.wait().ok());
    node.settle_down();
    EXPECT_EQ(consumer.count(), 1U);
    node.instance().stop();
    EXPECT_EQ(host.violations(), kNone);
}

TEST(Drain, EndsAtItsDeadline) {
    Consumer consumer;
    testkit::Host host;
    Node node(host);
    ASSERT_TRUE(node.consume("in", "a", consumer).ok());
    ASSERT_TRUE(node.publish("a", "1").ok());
    (void)consumer.wait(1);
    node.instance().drain(std::chrono::milliseconds(50));
    EXPECT_EQ(node.stats("in").in_flight, 1U);
}

TEST(Stop, EndsEverythingAndCallsAreClosed) {
    Consumer consumer;
    testkit::Host host;
    Node node(host);
    ASSERT_TRUE(node.consume("in", "a", consumer).ok());
    ASSERT_TRUE(node.publish("a", "1").ok());
    node.settle("in", consumer.wait(1)[0].token, BF_SETTLED_RETRY, 3600 * kSecond);
    node.settle_down();
    node.instance().stop();
    host.advance(7200 * kSecond);
    EXPECT_EQ(consumer.count(), 1U);
    EXPECT_EQ(host.violations(), kNone);
}

// Everything at once from many threads; each message must be settled exactly once in the end.
TEST(Stress, NothingIsLostOrSettledTwice) {
    constexpr int kThreads = 3;
    constexpr int kEach = 300;
    Consumer consumer;
    Hearer hearer;
    testkit::Host host;
    Node node(host);
    std::atomic<int> settled = 0;
    consumer.react = [&](const Delivered& one) {
        const bool again = one.attempt == 1 && one.body.back() == '7';
        node.settle("in", one.token, again ? BF_SETTLED_RETRY : BF_SETTLED_OK, again ? 1000 : 0);
        settled += again ? 0 : 1;
    };
    ASSERT_TRUE(node.consume("in", "a.>", consumer, 16).ok());
    ASSERT_TRUE(node.listen({0}, hearer).ok());
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&node, thread] {
            for (int number = 0; number < kEach; ++number) {
                EXPECT_TRUE(
                    node.publish("a." + std::to_string(thread), std::to_string(number)).ok());
                node.broadcast(0, "x");
                node.pause("in", number % 10 == 3);
                (void)node.stats("in");
            }
            node.pause("in", false);
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    node.pause("in", false);
    testkit::eventually("all settled", [&] { return settled == kThreads * kEach; });
    EXPECT_EQ(hearer.wait(kThreads * kEach).size(), static_cast<std::size_t>(kThreads * kEach));
    EXPECT_FALSE(consumer.overlapped());
    EXPECT_EQ(host.metric("memory", "memory_messages"), 0);
    node.instance().stop();
    EXPECT_EQ(host.violations(), kNone);
}

TEST(Stress, StopInTheMiddleOfTraffic) {
    for (int round = 0; round < 20; ++round) {
        Consumer consumer;
        testkit::Host host;
        Node node(host, "m", config("traffic"));
        Node peer(host, "peer", config("traffic"));
        consumer.react = [&](const Delivered& one) {
            node.settle("in", one.token, BF_SETTLED_RETRY,
                        1 + static_cast<std::int64_t>(one.token % 3));
        };
        ASSERT_TRUE(node.consume("in", "a", consumer, 4).ok());
        std::thread publisher([&] {
            for (int number = 0; number < 50; ++number) {
                EXPECT_TRUE(peer.publish("a", "x").ok());
                peer.broadcast(0, "x");
            }
        });
        (void)consumer.wait(10);
        node.instance().stop();
        const auto seen = consumer.count();
        publisher.join();
        EXPECT_EQ(consumer.count(), seen);
        EXPECT_EQ(host.violations(), kNone);
    }
}

}  // namespace
}  // namespace belfry::test
