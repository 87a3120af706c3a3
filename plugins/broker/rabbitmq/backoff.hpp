/// When to try again.
#pragma once

#include <belfry/host.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace belfry::rabbitmq {

/// Delays that grow from 100 ms to 10 s, each with a random half, so that many nodes do not come at
/// once. One thread.
class Backoff {
public:
    explicit Backoff(const sdk::Env& env) : env_(env) {}

    void succeeded() { failures_ = 0; }
    /// The time (monotonic) of the next try.
    std::int64_t failed() {
        std::array<std::uint8_t, 2> random{};
        env_.random(random);
        const auto delay = std::min(kMost, kFirst << std::min(failures_, kMostDoublings));
        ++failures_;
        const std::int64_t fraction = random[0] * 256 + random[1];
        return env_.monotonic() + delay / 2 + delay / 2 * fraction / 65'536;
    }

private:
    static constexpr std::int64_t kFirst = 200'000'000;
    static constexpr std::int64_t kMost = 10'000'000'000;
    static constexpr unsigned kMostDoublings = 6;

    sdk::Env env_;
    unsigned failures_ = 0;
};

}  // namespace belfry::rabbitmq
