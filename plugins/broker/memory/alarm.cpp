#include "plugins/broker/memory/alarm.hpp"

#include <algorithm>

namespace belfry::memory {

void Alarm::set(std::optional<std::int64_t> due) {
    if (timer_ != nullptr && due && *due == due_) {
        return;
    }
    if (is_over_ || !clear() || !due) {
        return;  // about to ring: whoever is called then sets it again
    }
    due_ = *due;
    const std::int64_t delay = std::max<std::int64_t>(*due - env_.monotonic(), 0);
    timer_ = env_.host()->timer(env_.handle(), delay, this, &Alarm::rang);
    if (is_over_) {
        timer_ = nullptr;
    }
}

void Alarm::end(std::function<void()> ended) {
    if (clear()) {
        ended();
        return;
    }
    ended_ = std::move(ended);
}

void Alarm::rang(void* self, std::uint32_t is_live) {
    auto& alarm = *static_cast<Alarm*>(self);
    alarm.timer_ = nullptr;
    if (alarm.ended_) {
        const auto ended = std::exchange(alarm.ended_, nullptr);
        ended();
        return;
    }
    if (is_live == 0) {
        alarm.is_over_ = true;
        return;
    }
    alarm.ring_();
}

bool Alarm::clear() {
    if (timer_ != nullptr && env_.host()->timer_cancel(env_.handle(), timer_) == 0) {
        return false;
    }
    timer_ = nullptr;
    return true;
}

}  // namespace belfry::memory
