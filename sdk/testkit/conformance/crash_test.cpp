// The writing process is killed at random moments.
#include "sdk/testkit/conformance/crash_history.hpp"
#include "sdk/testkit/conformance/kit.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <iostream>
#include <thread>
#include <utility>

namespace belfry::conformance {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kChildPatience{60};

/// The child, and what it says. Killed where that was not done.
class Child {
public:
    explicit Child(std::vector<std::string> arguments) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw testkit::Failed("no pipe");
        }
        output_ = ends[0];
        std::vector<char*> pointers;
        for (auto& argument : arguments) {
            pointers.push_back(argument.data());
        }
        pointers.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        const int error =
            ::posix_spawn(&process_, "/proc/self/exe", &actions, nullptr, pointers.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        if (error != 0) {
            throw testkit::Failed("the kit cannot be started again");
        }
    }
    ~Child() {
        (void)kill();
        ::close(output_);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Reads what there is until `end`; false where there will be no more.
    bool listen(CrashHistory& history, Clock::time_point end) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
        pollfd waiting{output_, POLLIN, 0};
        if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) == 0) {
            return true;
        }
        return read(history);
    }
    void listen_to_the_end(CrashHistory& history) {
        while (read(history)) {
        }
    }
    /// -> the signal that ended it, 0 where none did.
    int kill() {
        if (process_ == 0) {
            return 0;
        }
        ::kill(process_, SIGKILL);
        int status = 0;
        ::waitpid(std::exchange(process_, 0), &status, 0);
        return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }

private:
    bool read(CrashHistory& history) {
        std::array<char, 65'536> bytes;
        const auto count = ::read(output_, bytes.data(), bytes.size());
        if (count <= 0) {
            return false;
        }
        text_.append(bytes.data(), static_cast<std::size_t>(count));
        for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
            history.hear(text_.substr(0, end));
            text_.erase(0, end + 1);
        }
        return true;
    }

    pid_t process_ = 0;
    int output_ = -1;
    std::string text_;
};

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
        const bool by_time = round % 4 == 0;
        const auto enough = history.acknowledged() + 1 + random()() % 150;
        const auto end = Clock::now() + (by_time ? std::chrono::milliseconds(random()() % 80)
                                                 : std::chrono::milliseconds(kChildPatience));
        bool is_alive = true;
        while (is_alive && Clock::now() < end && (by_time || history.acknowledged() < enough)) {
            is_alive = child.listen(history, end);
        }
        ASSERT_TRUE(is_alive) << "the process ended by itself";
        ASSERT_TRUE(by_time || history.acknowledged() >= enough) << "it came to a halt";
        std::this_thread::sleep_for(std::chrono::microseconds(random()() % 3'000));
        ASSERT_EQ(child.kill(), SIGKILL);
        child.listen_to_the_end(history);
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
