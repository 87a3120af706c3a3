/// One timer of an instance that can be set again and ends cleanly.
#pragma once

#include <belfry/host.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace belfry::memory {

/// All calls, and the alarm itself, on the instance's executor.
class Alarm {
public:
    Alarm(const sdk::Env& env, std::function<void()> ring) : env_(env), ring_(std::move(ring)) {}

    /// Rings once, at `due` (monotonic) or soon after; instead of what was set before.
    void set(std::optional<std::int64_t> due);
    /// Calls `ended` when it will not ring any more.
    void end(std::function<void()> ended);

private:
    static void rang(void* self, std::uint32_t is_live);
    /// False where it is about to ring.
    [[nodiscard]] bool clear();

    sdk::Env env_;
    std::function<void()> ring_;
    std::function<void()> ended_;
    bf_timer* timer_ = nullptr;
    std::int64_t due_ = 0;
    bool is_over_ = false;  ///< the instance is being stopped: no timer rings any more
};

}  // namespace belfry::memory
