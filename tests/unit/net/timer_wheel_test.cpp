#include "daemon/net/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace belfry::net {
namespace {

constexpr Nanos kTick = TimerWheel::kTick;

class Node final : public WheelNode {
public:
    std::function<void()> rang = [] {};
    int count = 0;

private:
    void on_timer() override {
        EXPECT_FALSE(is_scheduled());
        ++count;
        rang();
    }
};

TEST(TimerWheel, RingsInTime) {
    for (const Nanos delay : {Nanos{0}, Nanos{1}, kTick - 1, kTick, kTick + 1, 5 * kSecond,
                              1000 * kTick, 1024 * kTick, 1025 * kTick, 3 * 1024 * kTick + 7}) {
        for (const Nanos start : {Nanos{0}, kTick / 2, 12'345 * kMillisecond}) {
            TimerWheel wheel(start);
            Node node;
            wheel.schedule(node, delay);
            Nanos now = start;
            while (node.count == 0) {
                now += kMillisecond * 7;
                wheel.advance(now);
                ASSERT_LE(now, start + delay + 2 * kTick + 7 * kMillisecond) << delay;
            }
            EXPECT_GE(now, start + delay) << delay;
        }
    }
}

TEST(TimerWheel, RingsOnce) {
    TimerWheel wheel(0);
    Node node;
    wheel.schedule(node, kSecond);
    EXPECT_TRUE(node.is_scheduled());
    wheel.advance(100 * kSecond);
    wheel.advance(300 * kSecond);
    EXPECT_EQ(node.count, 1);
    EXPECT_FALSE(node.is_scheduled());
}

TEST(TimerWheel, ForgetsWhatIsCancelledOrDestroyed) {
    TimerWheel wheel(0);
    Node cancelled;
    auto destroyed = std::make_unique<Node>();
    Node kept;
    wheel.schedule(cancelled, kSecond);
    wheel.schedule(*destroyed, kSecond);
    wheel.schedule(kept, kSecond);
    TimerWheel::cancel(cancelled);
    TimerWheel::cancel(cancelled);
    destroyed.reset();
    wheel.advance(2 * kSecond);
    EXPECT_EQ(cancelled.count, 0);
    EXPECT_EQ(kept.count, 1);
}

TEST(TimerWheel, ANodeMayCancelOrDestroyNeighboursWhileItRings) {
    TimerWheel wheel(0);
    auto first = std::make_unique<Node>();
    auto second = std::make_unique<Node>();
    Node third;
    wheel.schedule(*first, kSecond);
    wheel.schedule(*second, kSecond);
    wheel.schedule(third, kSecond);
    first->rang = [&] {
        second.reset();
        TimerWheel::cancel(third);
    };
    wheel.advance(2 * kSecond);
    EXPECT_EQ(first->count, 1);
    EXPECT_EQ(third.count, 0);
}

TEST(TimerWheel, ANodeMayDestroyItselfWhileItRings) {
    TimerWheel wheel(0);
    auto node = std::make_unique<Node>();
    node->rang = [&node] { node.reset(); };
    wheel.schedule(*node, kSecond);
    wheel.advance(2 * kSecond);
    EXPECT_EQ(node, nullptr);
}

TEST(TimerWheel, ANodeThatSchedulesItselfWaitsAgain) {
    TimerWheel wheel(0);
    Node node;
    node.rang = [&] { wheel.schedule(node, 0); };
    wheel.schedule(node, 0);
    wheel.advance(kTick);
    EXPECT_EQ(node.count, 1);
    wheel.advance(kTick);
    EXPECT_EQ(node.count, 1);
    wheel.advance(3 * kTick);
    EXPECT_EQ(node.count, 2);
}

TEST(TimerWheel, APauseDoesNotShortenWhatIsScheduledAfterIt) {
    TimerWheel wheel(0);
    Node asks;
    Node answers;
    asks.rang = [&] { wheel.schedule(answers, 8 * kSecond); };
    wheel.schedule(asks, kSecond);
    const Nanos after_pause = 40 * kSecond;
    wheel.advance(after_pause);
    EXPECT_EQ(asks.count, 1);
    EXPECT_EQ(answers.count, 0) << "rang in the very moment it was scheduled";
    wheel.advance(after_pause + 7 * kSecond);
    EXPECT_EQ(answers.count, 0);
    wheel.advance(after_pause + 9 * kSecond);
    EXPECT_EQ(answers.count, 1);
}

TEST(TimerWheel, AnObservedPauseDoesNotShortenEither) {
    TimerWheel wheel(0);
    Node node;
    wheel.observe(90 * kSecond);
    wheel.schedule(node, 5 * kSecond);
    wheel.advance(90 * kSecond);
    EXPECT_EQ(node.count, 0);
    wheel.advance(96 * kSecond);
    EXPECT_EQ(node.count, 1);
}

TEST(TimerWheel, MayEndBeforeItsNodes) {
    Node one;
    Node two;
    {
        TimerWheel wheel(0);
        wheel.schedule(one, kSecond);
        wheel.schedule(two, kSecond);
    }
    EXPECT_EQ(one.count + two.count, 0);
}

/// Against a model that keeps every deadline in a map.
TEST(TimerWheel, AgreesWithAModel) {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        std::mt19937 engine(seed);
        Nanos now = 0;
        TimerWheel wheel(now);
        std::map<std::size_t, Nanos> due;  // by node
        std::vector<std::unique_ptr<Node>> nodes;
        for (std::size_t i = 0; i < 64; ++i) {
            nodes.push_back(std::make_unique<Node>());
            nodes.back()->rang = [&due, &now, i] {
                ASSERT_TRUE(due.contains(i));
                EXPECT_GE(now, due[i]);
                due.erase(i);
            };
        }
        for (int step = 0; step < 3000; ++step) {
            const std::size_t i = engine() % nodes.size();
            if (const auto choice = engine() % 10; choice < 6) {
                const Nanos delay = static_cast<Nanos>(engine() % 90'000) * kMillisecond;
                wheel.schedule(*nodes[i], delay);
                due[i] = now + delay;
            } else if (choice < 7) {
                TimerWheel::cancel(*nodes[i]);
                due.erase(i);
            } else {
                now += static_cast<Nanos>(engine() % (choice == 9 ? 200'000 : 300)) * kMillisecond;
                wheel.advance(now);
                for (const auto& [node, deadline] : due) {
                    ASSERT_GT(deadline + 2 * kTick, now) << "late, seed " << seed;
                    ASSERT_TRUE(nodes[node]->is_scheduled());
                }
            }
        }
    }
}

}  // namespace
}  // namespace belfry::net
