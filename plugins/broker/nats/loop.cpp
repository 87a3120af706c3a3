#include "plugins/broker/nats/loop.hpp"

#include <exception>
#include <future>
#include <utility>

namespace belfry::nats {

void Loop::start() {
    thread_ = std::thread([this] { work(); });
}

void Loop::post(Task task) {
    const std::lock_guard lock(mutex_);
    ready_.push_back(std::move(task));
    if (ready_.size() == 1) {
        changed_.notify_one();
    }
}

void Loop::after(Clock::duration delay, Task task) {
    const std::lock_guard lock(mutex_);
    later_.emplace(Clock::now() + delay, std::move(task));
    changed_.notify_one();
}

void Loop::run(Task task) {
    std::promise<void> ran;
    post([&] {
        task();
        ran.set_value();
    });
    ran.get_future().wait();
}

void Loop::finish() {
    {
        const std::lock_guard lock(mutex_);
        finishing_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    later_.clear();
}

void Loop::work() {
    std::vector<Task> tasks;
    std::unique_lock lock(mutex_);
    while (!finishing_ || !ready_.empty()) {
        const auto now = Clock::now();
        while (!later_.empty() && later_.begin()->first <= now) {
            ready_.push_back(std::move(later_.begin()->second));
            later_.erase(later_.begin());
        }
        if (!ready_.empty()) {
            tasks.swap(ready_);
            lock.unlock();
            for (Task& task : tasks) {
                run_one(task);
            }
            tasks.clear();
            lock.lock();
        } else if (later_.empty()) {
            changed_.wait(lock);
        } else {
            const auto next = later_.begin()->first;
            changed_.wait_until(lock, next);
        }
    }
}

void Loop::run_one(Task& task) const {
    try {
        task();
    } catch (const std::exception& error) {
        env_.log(sdk::Level::error, "task failed", {{"error", error.what()}});
    }
}

}  // namespace belfry::nats
