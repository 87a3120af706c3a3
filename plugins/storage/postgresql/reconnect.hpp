/// When to try again to connect.
#pragma once

#include <belfry/host.hpp>

#include <chrono>
#include <cstdint>

namespace belfry::postgresql {

/// Delays that grow from 50 ms to 5 s, each with a random half, so that many nodes do not come at
/// once. One thread.
class Reconnect {
public:
    using Clock = std::chrono::steady_clock;

    explicit Reconnect(sdk::Env env) : env_(env) {}

    void succeeded();
    void failed();
    [[nodiscard]] bool is_due() const { return Clock::now() >= next_; }
    /// Until the next try; 0 where it is due.
    [[nodiscard]] std::chrono::milliseconds wait() const;

private:
    sdk::Env env_;
    unsigned failures_ = 0;
    Clock::time_point next_{};
};

}  // namespace belfry::postgresql
