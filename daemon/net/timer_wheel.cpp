#include "daemon/net/timer_wheel.hpp"

#include <algorithm>

namespace belfry::net {

void WheelNode::unlink() {
    if (next_ != nullptr) {
        previous_->next_ = next_;
        next_->previous_ = previous_;
        next_ = previous_ = nullptr;
    }
}

TimerWheel::TimerWheel(Nanos now) : tick_(static_cast<std::uint64_t>(now / kTick)), now_(tick_) {
    for (Slot& slot : slots_) {
        slot.previous_ = slot.next_ = &slot;
    }
}

void TimerWheel::link(WheelNode& node) {
    Slot& slot = slots_[node.deadline_ % kSlots];
    node.previous_ = slot.previous_;
    node.next_ = &slot;
    slot.previous_->next_ = &node;
    slot.previous_ = &node;
}

void TimerWheel::schedule(WheelNode& node, Nanos delay) {
    node.unlink();
    const Nanos ticks = delay <= 0 ? 0 : (delay + kTick - 1) / kTick;
    node.deadline_ = now_ + 1 + static_cast<std::uint64_t>(ticks);
    link(node);
}

void TimerWheel::ring(Slot& slot) {
    // Taken out first: a node that rings may schedule itself into this very slot.
    Slot due;
    due.previous_ = due.next_ = &due;
    while (slot.next_ != &slot) {
        WheelNode& node = *slot.next_;
        node.unlink();
        node.previous_ = due.previous_;
        node.next_ = &due;
        due.previous_->next_ = &node;
        due.previous_ = &node;
    }
    while (due.next_ != &due) {
        WheelNode& node = *due.next_;
        node.unlink();
        if (node.deadline_ <= tick_) {
            node.on_timer();
        } else {
            link(node);
        }
    }
}

void TimerWheel::observe(Nanos now) {
    now_ = std::max(now_, static_cast<std::uint64_t>(now / kTick));
}

void TimerWheel::advance(Nanos now) {
    observe(now);
    const std::uint64_t target = now_;
    if (target > tick_ + kSlots) {
        tick_ = target - kSlots;  // a long pause: one turn of the wheel meets every node
    }
    while (tick_ < target) {
        ++tick_;
        ring(slots_[tick_ % kSlots]);
    }
}

}  // namespace belfry::net
