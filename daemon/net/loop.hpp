/// One thread's event loop.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/executor.hpp"
#include "daemon/net/inbox.hpp"
#include "daemon/net/socket.hpp"
#include "daemon/net/timer_wheel.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <queue>
#include <span>
#include <vector>

namespace belfry::net {

/// Something with a file descriptor in a loop.
class Pollable {
public:
    Pollable() = default;
    Pollable(const Pollable&) = delete;
    Pollable& operator=(const Pollable&) = delete;
    virtual ~Pollable() = default;
    /// `events` as epoll gives them (edge-triggered). The loop's thread.
    virtual void on_ready(std::uint32_t events) = 0;
};

/// Something that collects output during a turn and sends it at the turn's end.
class Flushable {
public:
    Flushable() = default;
    Flushable(const Flushable&) = delete;
    Flushable& operator=(const Flushable&) = delete;
    virtual ~Flushable() = default;
    virtual void flush() = 0;
};

/// epoll, an inbox and timers. A turn is: ready descriptors, then posted tasks, then timers, then
/// one flush for each that asked for it. What a loop's thread posts to other loops in a turn
/// reaches them together, before the flushes: requests read in one go are one batch for who takes
/// them. `post`, `after`, `stop` on any thread, the rest on the loop's.
class Loop final : public Executor {
public:
    explicit Loop(const Clock& clock);
    ~Loop() override;

    void post(Task task) override;
    void after(Nanos delay, Task task) override;

    /// Edge-triggered for reading, writing and hang-up, until the descriptor is closed or removed.
    /// False if the kernel takes no more.
    [[nodiscard]] bool add(int descriptor, Pollable& target);
    void remove(int descriptor);
    /// Level-triggered for reading: for listeners.
    void add_listener(int descriptor, Pollable& target);

    /// Flushes at the end of this turn.
    void flush_later(std::shared_ptr<Flushable> target) { dirty_.push_back(std::move(target)); }

    TimerWheel& wheel() { return wheel_; }
    /// Monotonic time at the start of this turn.
    [[nodiscard]] Nanos turn_time() const { return turn_time_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }
    /// Where to read into; belongs to the turn, not to a connection.
    std::span<std::uint8_t> scratch() { return scratch_; }
    /// Turns so far; a watchdog sees by it that the loop is alive. Any thread.
    [[nodiscard]] std::uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }

    /// Until stop().
    void run();
    void stop();
    /// Destroys what is posted and not run. Once run() has returned.
    void discard();

private:
    struct Timer {
        Nanos due;
        std::uint64_t order;
        // A priority queue only shows constant elements; the task is moved out once, just before
        // the pop.
        mutable Task task;
        bool operator<(const Timer& other) const {
            return due != other.due ? due > other.due : order > other.order;
        }
    };

    void wake();
    void wake_others();
    [[nodiscard]] int wait_time() const;
    void run_timers();
    void flush_dirty();
    void turn();

    const Clock& clock_;
    Socket epoll_;
    Socket wakeup_;
    Inbox inbox_;
    TimerWheel wheel_;
    std::priority_queue<Timer> timers_;
    std::uint64_t timer_order_ = 0;
    std::vector<std::shared_ptr<Flushable>> dirty_;
    std::vector<Loop*> to_wake_;  ///< at the end of this turn
    bool has_posted_ = false;     ///< to itself, in this turn
    std::vector<std::uint8_t> scratch_;
    Nanos turn_time_ = 0;
    std::atomic<std::uint64_t> turns_{0};
    std::atomic<bool> stopping_{false};
};

}  // namespace belfry::net
