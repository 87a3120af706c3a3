/// A thread that runs tasks one after the other, now or later.
#pragma once

#include <belfry/host.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace belfry::nats {

/// Any thread may call. What a task throws is logged.
class Loop {
public:
    using Task = std::move_only_function<void()>;
    using Clock = std::chrono::steady_clock;

    explicit Loop(sdk::Env env) : env_(env) {}
    ~Loop() { finish(); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void start();
    /// In the order posted.
    void post(Task task);
    /// No sooner than that; dropped by finish().
    void after(Clock::duration delay, Task task);
    /// Posts the task and waits until it has run. Not from a task.
    void run(Task task);
    /// Runs what was posted, also by that, and ends the thread.
    void finish();

private:
    void work();
    void run_one(Task& task) const;

    sdk::Env env_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Task> ready_;
    std::multimap<Clock::time_point, Task> later_;
    bool finishing_ = false;
    std::thread thread_;
};

}  // namespace belfry::nats
