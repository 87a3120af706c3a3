#include "belfry/testkit/executor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace belfry::testkit {

Executor::Executor(std::function<std::int64_t()> monotonic)
    : monotonic_(std::move(monotonic)), thread_([this] { run(); }) {}

Executor::~Executor() { end(); }

std::uint64_t Executor::after(std::int64_t delay, Task task, Task drop) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t id = ++last_;
    // Tasks without delay stay in the order of their posting, whatever the clock says.
    const std::int64_t due = delay <= 0 ? 0 : monotonic_() + delay;
    tasks_.emplace(std::pair(due, id), Waiting{std::move(task), std::move(drop)});
    changed_.notify_all();
    return id;
}

bool Executor::cancel(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(tasks_.begin(), tasks_.end(),
                                    [id](const auto& task) { return task.first.second == id; });
    if (found == tasks_.end()) {
        return false;
    }
    tasks_.erase(found);
    return true;
}

void Executor::wake() {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

void Executor::end() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    for (const auto& [key, waiting] : std::exchange(tasks_, {})) {
        if (waiting.drop) {
            waiting.drop();
        }
    }
}

void Executor::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        if (tasks_.empty()) {
            if (ending_) {
                return;
            }
            changed_.wait(lock);
            continue;
        }
        const std::int64_t wait = tasks_.begin()->first.first - monotonic_();
        if (wait > 0) {
            if (ending_) {
                return;
            }
            changed_.wait_for(lock, std::chrono::nanoseconds(wait));
            continue;
        }
        auto task = tasks_.extract(tasks_.begin());
        lock.unlock();
        task.mapped().task();
        lock.lock();
    }
}

}  // namespace belfry::testkit
