/// A deterministic world: time, randomness and executors on one thread.
#pragma once

#include "daemon/base/digest.hpp"
#include "daemon/base/executor.hpp"
#include "daemon/base/random.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::sim {

class World;

/// Keeps the order of what is posted to it; how executors take turns is the seed's choice.
class SimExecutor final : public Executor {
public:
    explicit SimExecutor(World& world) : world_(world) {}
    void post(Task task) override {
        if (!is_killed_) {
            ready_.push_back(std::move(task));
        }
    }
    void after(Nanos delay, Task task) override;
    /// Nothing of it ever runs again: kill -9.
    void kill() {
        is_killed_ = true;
        ready_.clear();
    }
    /// Nothing of it runs until it is resumed: SIGSTOP.
    void pause(bool is_paused) { is_paused_ = is_paused; }

private:
    friend class World;
    World& world_;
    std::deque<Task> ready_;
    bool is_killed_ = false;
    bool is_paused_ = false;
};

/// The same seed gives the same run, to the last choice.
class World final : public Clock, public Random {
public:
    explicit World(std::uint64_t seed) : engine_(seed) {}

    [[nodiscard]] Nanos now() const override { return now_; }
    [[nodiscard]] Nanos monotonic() const override { return now_; }
    void fill(std::span<std::uint8_t> out) override;

    SimExecutor& make_executor();
    void at(Nanos delay, SimExecutor& home, Task task);

    /// One task of one executor, or, where none is ready, on to the next timer. False: nothing is
    /// left before `until`.
    bool step(Nanos until);
    void run_until(Nanos until) {
        while (step(until)) {
        }
        now_ = std::max(now_, until);
    }

    /// True once in `one_in` times.
    bool chance(std::uint64_t one_in) { return below(one_in) == 0; }
    /// Notes what happened; the notes of two runs are compared by their digest.
    void note(std::string_view what) {
        trace_.add_sized(what);
        ++notes_;
    }
    std::string digest() { return trace_.finish(); }
    [[nodiscard]] std::size_t notes() const { return notes_; }

private:
    struct Timer {
        SimExecutor* home;
        Task task;
    };

    std::mt19937_64 engine_;
    Nanos now_ = 1'700'000'000 * kSecond;
    std::vector<std::unique_ptr<SimExecutor>> executors_;
    std::multimap<Nanos, Timer> timers_;
    Sha256 trace_;
    std::size_t notes_ = 0;
};

}  // namespace belfry::sim
