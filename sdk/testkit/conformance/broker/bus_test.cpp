// The bus between nodes.
#include "sdk/testkit/conformance/broker/kit.hpp"
#include "sdk/testkit/conformance/crew.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <thread>

namespace belfry::conformance::broker {
namespace {

constexpr std::chrono::milliseconds kSilence{300};

class Bus : public Case {
protected:
    Ear& ear() { return *ears_.emplace_back(std::make_unique<Ear>(host())); }
    static void listen(Node& node, const std::vector<std::uint32_t>& partitions, Ear& ear) {
        const auto outcome = node.listen(partitions, ear);
        if (!outcome.ok()) {
            throw testkit::Failed("listen: " + outcome.message);
        }
    }
    /// The bus may lose messages, so it is said until it is heard.
    static void say_until_heard(Node& from, const Heard& one, const std::vector<Ear*>& ears) {
        testkit::eventually(
            "\"" + one.message + "\" heard",
            [&] {
                from.broadcast(one.partition, one.message);
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                return std::ranges::all_of(ears, [&](const Ear* ear) { return ear->has(one); });
            },
            settings().patience());
    }
    /// Two nodes that hear each other on partition 0, so that what follows is not lost to a late
    /// start.
    std::pair<Node*, Node*> pair(const std::vector<std::uint32_t>& left, Ear& left_ear,
                                 const std::vector<std::uint32_t>& right, Ear& right_ear) {
        Node& one = node();
        Node& two = add_node("two");
        listen(one, left, left_ear);
        listen(two, right, right_ear);
        say_until_heard(one, {left.front(), "hello from one"}, {&left_ear});
        say_until_heard(two, {right.front(), "hello from two"}, {&right_ear});
        return {&one, &two};
    }
    void TearDown() override {
        Case::TearDown();
        ears_.clear();
    }

private:
    std::vector<std::unique_ptr<Ear>> ears_;
};

TEST_F(Bus, ReachesAllThatListenTheSenderIncluded) {
    Ear& left = ear();
    Ear& right = ear();
    const auto [one, two] = pair({0, 1}, left, {0, 2}, right);
    say_until_heard(*one, {0, "to both"}, {&left, &right});
    say_until_heard(*two, {1, "to one"}, {&left});
    say_until_heard(*one, {2, "to two"}, {&right});
    say_until_heard(*two, {0, "the end"}, {&left, &right});
    EXPECT_FALSE(left.has({2, "to two"}));
    EXPECT_FALSE(right.has({1, "to one"}));
}

TEST_F(Bus, IsByteForByte) {
    Ear& left = ear();
    Ear& right = ear();
    const auto [one, two] = pair({0}, left, {0}, right);
    for (const auto& message :
         {std::string(), std::string("\0\r\n\xff", 4), std::string(60'000, 'x')}) {
        say_until_heard(*one, {0, message}, {&left, &right});
    }
}

TEST_F(Bus, KeepsTheOrderOfASenderInAPartition) {
    Ear& left = ear();
    Ear& right = ear();
    const auto [one, two] = pair({0, 7}, left, {0, 7}, right);
    constexpr std::size_t kCount = 300;
    const std::vector<Node*> senders{one, two};
    Crew crew(2, [&](int sender) {
        for (std::size_t number = 1; number <= kCount; ++number) {
            senders[static_cast<std::size_t>(sender)]->broadcast(
                7, std::to_string(sender) + ":" + std::to_string(number));
        }
    });
    crew.wait();
    say_until_heard(*one, {7, "0:1000"}, {&left, &right});
    say_until_heard(*two, {7, "1:1000"}, {&left, &right});
    for (const Ear* ear : {&left, &right}) {
        std::array<std::size_t, 2> last{};
        std::size_t heard = 0;
        for (const auto& [partition, message] : ear->all()) {
            if (message.size() < 2 || message[1] != ':') {
                continue;
            }
            const auto number = std::stoul(message.substr(2));
            auto& before = last.at(static_cast<std::size_t>(message[0] - '0'));
            EXPECT_LE(before, number) << "of sender " << message[0];
            before = number;
            ++heard;
        }
        EXPECT_GT(heard, kCount) << "lossy, but not without a reason";
    }
}

TEST_F(Bus, HearsTheSetThatReplacedTheFormer) {
    Ear& former = ear();
    Ear& later = ear();
    Ear& other = ear();
    const auto [one, two] = pair({0, 1}, former, {0, 1, 2}, other);
    listen(*one, {1, 2}, later);
    former.close();
    say_until_heard(*two, {2, "new"}, {&later, &other});
    say_until_heard(*two, {1, "kept"}, {&later, &other});
    say_until_heard(*two, {0, "dropped"}, {&other});
    say_until_heard(*two, {2, "the end"}, {&later, &other});
    EXPECT_FALSE(later.has({0, "dropped"}));
    listen(*one, {}, later);
    later.close();
    say_until_heard(*two, {2, "to nobody"}, {&other});
}

TEST_F(Bus, HasAllPartitions) {
    std::vector<std::uint32_t> partitions(256);
    std::iota(partitions.begin(), partitions.end(), 0U);
    partitions.push_back(1'000);
    partitions.push_back(65'535);
    Ear& left = ear();
    Ear& right = ear();
    const auto [one, two] = pair(partitions, left, partitions, right);
    for (const std::uint32_t partition : partitions) {
        one->broadcast(partition, "once");
    }
    for (const std::uint32_t partition : {0U, 1U, 17U, 255U, 1'000U, 65'535U}) {
        say_until_heard(*two, {partition, "at " + std::to_string(partition)}, {&left, &right});
    }
}

TEST_F(Bus, SaysNothingAfterTheStop) {
    Ear& left = ear();
    Ear& right = ear();
    const auto [one, two] = pair({0}, left, {0}, right);
    stop(*one);
    left.close();
    say_until_heard(*two, {0, "without one"}, {&right});
    one->broadcast(0, "from the dead");
    one->broadcast(65'536, "from the dead");
    std::this_thread::sleep_for(kSilence);
    EXPECT_FALSE(right.has({0, "from the dead"}));
}

TEST_F(Bus, NeverBlocks) {
    Ear& left = ear();
    Ear& right = ear();
    const auto [one, two] = pair({0}, left, {0}, right);
    const auto start = Clock::now();
    for (int i = 0; i < 20'000; ++i) {
        one->broadcast(0, "flood");
    }
    EXPECT_LT(Clock::now() - start, std::chrono::seconds(10));
    say_until_heard(*one, {0, "after the flood"}, {&left, &right});
}

TEST_F(Bus, IsApartFromTheSources) {
    Ear& left = ear();
    Ear& right = ear();
    const auto [one, two] = pair({0}, left, {0}, right);
    auto& source = consume();
    source.settle_all();
    say_until_heard(*two, {0, "bus"}, {&left, &right});
    publish("message");
    (void)source.wait_for("message");
    EXPECT_EQ(source.count(), 1U);
}

}  // namespace
}  // namespace belfry::conformance::broker
