/// A thread for what waits for the broker.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace belfry::kafka {

class Worker {
public:
    /// Told whether the worker is still running: if not, only complete.
    using Task = std::function<void(bool is_live)>;

    void start();
    /// Any thread. Tasks run in the order posted; after the stop at once, on the caller's thread.
    void post(Task task);
    /// Tasks that have not begun are told that it is over; returns when none runs any more.
    void stop();
    [[nodiscard]] bool is_over() const;

private:
    void run();

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;
    bool is_over_ = false;
    std::thread thread_;
};

}  // namespace belfry::kafka
