#include "plugins/broker/kafka/worker.hpp"

#include <utility>

namespace belfry::kafka {

void Worker::start() {
    thread_ = std::thread([this] { run(); });
}

void Worker::post(Task task) {
    std::unique_lock lock(mutex_);
    if (is_over_) {
        lock.unlock();
        task(false);
        return;
    }
    tasks_.push_back(std::move(task));
    changed_.notify_one();
}

void Worker::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    for (const auto& task : std::exchange(tasks_, {})) {
        task(false);
    }
}

bool Worker::is_over() const {
    const std::lock_guard lock(mutex_);
    return is_over_;
}

void Worker::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return is_over_ || !tasks_.empty(); });
        if (is_over_) {
            return;
        }
        const Task task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task(true);
        lock.lock();
    }
}

}  // namespace belfry::kafka
