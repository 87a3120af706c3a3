#include "daemon/plugin/timers.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace belfry::plugin {
namespace {

constexpr Nanos kMaxDelay = 10 * 365 * 86'400 * kSecond;

}  // namespace

std::uint64_t Timers::set(Nanos delay, std::function<void(bool is_live)> run) {
    std::unique_lock lock(mutex_);
    const std::uint64_t handle = ++last_;
    if (is_closed_) {
        lock.unlock();
        run(false);
        return handle;
    }
    const Nanos now = clock_.monotonic();
    const Nanos due = now + std::clamp<Nanos>(delay, 0, kMaxDelay);
    by_handle_.emplace(handle, timers_.emplace(due, Timer{handle, std::move(run)}));
    arm(now, due);
    return handle;
}

bool Timers::cancel(std::uint64_t handle) {
    const std::scoped_lock lock(mutex_);
    const auto found = by_handle_.find(handle);
    if (found == by_handle_.end()) {
        return false;
    }
    timers_.erase(found->second);
    by_handle_.erase(found);
    return true;
}

void Timers::close() {
    ByTime dropped;
    {
        const std::scoped_lock lock(mutex_);
        is_closed_ = true;
        dropped.swap(timers_);
        by_handle_.clear();
    }
    for (const auto& [due, timer] : dropped) {
        timer.run(false);
    }
}

void Timers::arm(Nanos now, Nanos due) {
    if (due >= armed_) {
        return;
    }
    armed_ = due;
    executor_.after(due - now, [self = weak_from_this()] {
        if (const auto timers = self.lock()) {
            timers->ring();
        }
    });
}

/// One after the other, so that a timer may cancel the next; not those that are set meanwhile.
void Timers::ring() {
    std::unique_lock lock(mutex_);
    const Nanos now = clock_.monotonic();
    const std::uint64_t newest = last_;
    armed_ = INT64_MAX;
    while (!timers_.empty() && timers_.begin()->first <= now &&
           timers_.begin()->second.handle <= newest) {
        const auto run = std::move(timers_.begin()->second.run);
        by_handle_.erase(timers_.begin()->second.handle);
        timers_.erase(timers_.begin());
        lock.unlock();
        run(true);
        lock.lock();
    }
    if (!timers_.empty()) {
        arm(now, timers_.begin()->first);
    }
}

}  // namespace belfry::plugin
