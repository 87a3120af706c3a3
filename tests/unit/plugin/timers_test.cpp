#include "daemon/plugin/timers.hpp"

#include "tests/unit/plugin/support.hpp"

#include <map>

namespace belfry::plugin::test {
namespace {

using testing::ElementsAre;

/// Time stands still until it is moved.
class StillExecutor final : public Executor, public Clock {
public:
    void post(Task task) override { after(0, std::move(task)); }
    void after(Nanos delay, Task task) override { tasks_.emplace(now_ + delay, std::move(task)); }
    [[nodiscard]] Nanos now() const override { return now_; }
    [[nodiscard]] Nanos monotonic() const override { return now_; }

    void advance(Nanos by) {
        const Nanos end = now_ + by;
        while (!tasks_.empty() && tasks_.begin()->first <= end) {
            now_ = std::max(now_, tasks_.begin()->first);
            Task task = std::move(tasks_.extract(tasks_.begin()).mapped());
            task();
        }
        now_ = end;
    }
    [[nodiscard]] std::size_t size() const { return tasks_.size(); }

private:
    Nanos now_ = 1000;
    std::multimap<Nanos, Task> tasks_;
};

class TimersTest : public testing::Test {
protected:
    std::uint64_t set(Nanos delay, int number) {
        return timers_->set(delay, [this, number](bool is_live) {
            (is_live ? rung_ : dropped_).push_back(number);
        });
    }

    StillExecutor executor_;
    std::shared_ptr<Timers> timers_ = std::make_shared<Timers>(executor_, executor_);
    std::vector<int> rung_;
    std::vector<int> dropped_;
};

TEST_F(TimersTest, RingInOrderOfTime) {
    set(30, 3);
    set(10, 1);
    set(20, 2);
    executor_.advance(20);
    EXPECT_THAT(rung_, ElementsAre(1, 2));
    executor_.advance(100);
    EXPECT_THAT(rung_, ElementsAre(1, 2, 3));
}

TEST_F(TimersTest, CanBeCancelledOnce) {
    const auto handle = set(10, 1);
    EXPECT_TRUE(timers_->cancel(handle));
    EXPECT_FALSE(timers_->cancel(handle));
    EXPECT_FALSE(timers_->cancel(12345));
    executor_.advance(100);
    EXPECT_TRUE(rung_.empty());
}

TEST_F(TimersTest, AreTooLateToCancelOnceTheyRang) {
    const auto handle = set(10, 1);
    executor_.advance(10);
    EXPECT_FALSE(timers_->cancel(handle));
}

TEST_F(TimersTest, MayCancelEachOther) {
    std::uint64_t second = 0;
    timers_->set(10, [&](bool) { EXPECT_TRUE(timers_->cancel(second)); });
    second = set(10, 2);
    executor_.advance(10);
    EXPECT_TRUE(rung_.empty());
}

TEST_F(TimersTest, DoNotSpinWhereOneSetsTheNextAtOnce) {
    int left = 100;
    std::function<void(bool)> again = [&](bool) {
        if (--left > 0) {
            timers_->set(0, again);
        }
    };
    timers_->set(0, again);
    set(0, 7);
    executor_.advance(0);
    EXPECT_EQ(left, 0);
    EXPECT_THAT(rung_, ElementsAre(7));
}

TEST_F(TimersTest, DoNotPileUpInTheExecutor) {
    for (int round = 0; round < 10'000; ++round) {
        timers_->cancel(set(kSecond, round));
    }
    EXPECT_LT(executor_.size(), 5U);
}

TEST_F(TimersTest, TakeAnyDelay) {
    set(-5, 1);
    set(INT64_MIN, 2);
    set(INT64_MAX, 3);
    executor_.advance(1);
    EXPECT_THAT(rung_, ElementsAre(1, 2));
}

TEST_F(TimersTest, DoNotRingAfterTheClose) {
    set(10, 1);
    timers_->close();
    set(5, 2);
    executor_.advance(100);
    EXPECT_TRUE(rung_.empty());
    EXPECT_THAT(dropped_, ElementsAre(1, 2));
}

}  // namespace
}  // namespace belfry::plugin::test
