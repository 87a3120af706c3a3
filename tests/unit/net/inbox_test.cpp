#include "daemon/net/inbox.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace belfry::net {
namespace {

TEST(Inbox, RunsInOrderAndSaysWhenToWake) {
    Inbox inbox;
    std::vector<int> ran;
    EXPECT_TRUE(inbox.push([&] { ran.push_back(1); }));
    EXPECT_FALSE(inbox.push([&] { ran.push_back(2); }));
    EXPECT_EQ(inbox.run(), 2U);
    EXPECT_EQ(ran, (std::vector{1, 2}));
    EXPECT_EQ(inbox.run(), 0U);
    EXPECT_TRUE(inbox.push([] {}));
}

TEST(Inbox, RunsOnlyWhatWasThere) {
    Inbox inbox;
    int ran = 0;
    inbox.push([&] {
        ++ran;
        inbox.push([&] { ++ran; });
    });
    EXPECT_EQ(inbox.run(), 1U);
    EXPECT_EQ(ran, 1);
    EXPECT_EQ(inbox.run(), 1U);
    EXPECT_EQ(ran, 2);
}

TEST(Inbox, DestroysWhatWasNotRun) {
    const auto held = std::make_shared<int>(1);
    {
        Inbox inbox;
        inbox.push([held] {});
        inbox.push([held] {});
    }
    EXPECT_EQ(held.use_count(), 1);
}

/// Posts once more when it is destroyed, as an unanswered exchange does.
class LastWord {
public:
    LastWord(Inbox& inbox, std::shared_ptr<int> held) : inbox_(&inbox), held_(std::move(held)) {}
    LastWord(LastWord&&) = default;
    LastWord& operator=(LastWord&&) = delete;
    LastWord(const LastWord&) = delete;
    LastWord& operator=(const LastWord&) = delete;
    ~LastWord() {
        if (held_) {
            inbox_->push([held = held_] {});
        }
    }
    void operator()() const {}

private:
    Inbox* inbox_;
    std::shared_ptr<int> held_;
};

TEST(Inbox, DestroysWhatIsPostedByWhatItDestroys) {
    const auto held = std::make_shared<int>(1);
    {
        Inbox inbox;
        inbox.push(LastWord(inbox, held));
    }
    EXPECT_EQ(held.use_count(), 1);
}

TEST(Inbox, KeepsTheOrderOfEachProducer) {
    constexpr int kProducers = 4;
    constexpr int kEach = 5000;
    Inbox inbox;
    std::vector<int> last(kProducers, -1);
    int ran = 0;
    {
        std::vector<std::jthread> producers;
        for (int who = 0; who < kProducers; ++who) {
            producers.emplace_back([&, who] {
                for (int i = 0; i < kEach; ++i) {
                    inbox.push([&, who, i] {
                        ASSERT_EQ(last[static_cast<std::size_t>(who)], i - 1);
                        last[static_cast<std::size_t>(who)] = i;
                        ++ran;
                    });
                }
            });
        }
        while (ran < kProducers * kEach) {
            if (inbox.run() == 0) {
                std::this_thread::yield();
            }
        }
    }
    EXPECT_EQ(inbox.run(), 0U);
    EXPECT_EQ(ran, kProducers * kEach);
}

}  // namespace
}  // namespace belfry::net
