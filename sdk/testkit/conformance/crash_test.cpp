// The writing process is killed at random moments.
#include "sdk/testkit/conformance/child.hpp"
#include "sdk/testkit/conformance/crash_history.hpp"
#include "sdk/testkit/conformance/kit.hpp"

#include <chrono>
#include <csignal>
#include <iostream>
#include <string>
#include <thread>

namespace belfry::conformance {
namespace {

using Clock = Child::Clock;

constexpr std::chrono::seconds kChildPatience{60};

class Crashes : public Case {
protected:
    Child start(std::uint64_t round) {
        const auto& options = Kit::get().options();
        return Child({"belfry-storage-conformance", "--plugin=" + options.plugin,
                      "--config=" + config(), "--seed=" + std::to_string(options.seed),
                      "--crash-child=" + std::to_string(round)});
    }
    /// Kills after a number of answers, or at a time at which it may not have started yet.
    void crash(std::uint64_t round) {
        auto child = start(round);
        const auto hear = [this](const std::string& line) { history.hear(line); };
        const bool by_time = round % 4 == 0;
        const auto enough = history.acknowledged() + 1 + random()() % 150;
        const auto end = Clock::now() + (by_time ? std::chrono::milliseconds(random()() % 80)
                                                 : std::chrono::milliseconds(kChildPatience));
        bool is_alive = true;
        while (is_alive && Clock::now() < end && (by_time || history.acknowledged() < enough)) {
            is_alive = child.listen(hear, end);
        }
        ASSERT_TRUE(is_alive) << "the process ended by itself";
        ASSERT_TRUE(by_time || history.acknowledged() >= enough) << "it came to a halt";
        std::this_thread::sleep_for(std::chrono::microseconds(random()() % 3'000));
        ASSERT_EQ(child.kill(), SIGKILL);
        child.listen_to_the_end(hear);
    }

    CrashHistory history;
};

TEST_F(Crashes, LoseNothingAndLeaveNothingHalf) {
    CrashHistory::prepare(store());
    const auto crashes = Kit::get().options().crashes;
    for (std::uint64_t round = 1; round <= crashes; ++round) {
        close();
        ASSERT_NO_FATAL_FAILURE(crash(round)) << "round " << round;
        history.repeat_unknown(store());
        ASSERT_EQ(history.fault(store()), "") << "after crash " << round;
    }
    std::cout << crashes << " crashes, " << history.acknowledged() << " answers\n";
    EXPECT_GT(history.acknowledged(), 0U);
    EXPECT_GT(store().append("s0", "after"), 1U);
}

}  // namespace
}  // namespace belfry::conformance
