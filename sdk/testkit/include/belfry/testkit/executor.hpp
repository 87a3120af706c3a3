/// The thread of one instance: tasks one at a time, in order, and timers.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace belfry::testkit {

class Executor {
public:
    using Task = std::function<void()>;

    /// `monotonic` says what time it is for timers, in nanoseconds.
    explicit Executor(std::function<std::int64_t()> monotonic);
    ~Executor();
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;

    void post(Task task) { (void)after(0, std::move(task)); }
    /// -> a number for cancel, never 0. `drop` runs in place of a task whose time does not come
    /// before the end.
    std::uint64_t after(std::int64_t delay, Task task, Task drop = {});
    /// False where the task has run or is running.
    bool cancel(std::uint64_t id);
    /// Looks at the clock again.
    void wake();
    /// Runs what is due, waits for it, then ends the thread. Timers that are not due are dropped.
    void end();

private:
    void run();

    std::function<std::int64_t()> monotonic_;
    std::mutex mutex_;
    std::condition_variable changed_;
    struct Waiting {
        Task task;
        Task drop;
    };
    // By due time, then by number.
    std::map<std::pair<std::int64_t, std::uint64_t>, Waiting> tasks_;
    std::uint64_t last_ = 0;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace belfry::testkit
