/// Coarse timers without a timer object each.
#pragma once

#include "daemon/base/time.hpp"

#include <array>
#include <cstdint>

namespace belfry::net {

class TimerWheel;

/// Something that can have one deadline at a time. Leaves its wheel when destroyed.
class WheelNode {
public:
    WheelNode() = default;
    WheelNode(const WheelNode&) = delete;
    WheelNode& operator=(const WheelNode&) = delete;
    virtual ~WheelNode() { unlink(); }

    [[nodiscard]] bool is_scheduled() const { return next_ != nullptr; }

protected:
    /// The deadline has passed; the node is in no wheel now and may be scheduled again.
    virtual void on_timer() = 0;

private:
    friend class TimerWheel;
    void unlink();

    WheelNode* previous_ = nullptr;
    WheelNode* next_ = nullptr;
    std::uint64_t deadline_ = 0;  ///< in ticks
};

/// Deadlines in steps of 64 ms; scheduling, moving and cancelling are O(1). One thread.
class TimerWheel {
public:
    static constexpr Nanos kTick = 64 * kMillisecond;

    explicit TimerWheel(Nanos now);

    /// Rings no sooner than `delay` after the latest time told, and at most two ticks later.
    /// Replaces the node's former deadline.
    void schedule(WheelNode& node, Nanos delay);
    static void cancel(WheelNode& node) { node.unlink(); }
    /// Tells the time without ringing: what is scheduled after a pause is not late because of it.
    void observe(Nanos now);
    /// Tells the time and rings what is due.
    void advance(Nanos now);

private:
    static constexpr std::size_t kSlots = 1024;

    /// The head of a slot's ring.
    struct Slot final : WheelNode {
        void on_timer() override {}
    };

    void link(WheelNode& node);
    void ring(Slot& slot);

    std::array<Slot, kSlots> slots_;
    std::uint64_t tick_;  ///< rung up to here
    std::uint64_t now_;   ///< the latest time told, in ticks
};

}  // namespace belfry::net
