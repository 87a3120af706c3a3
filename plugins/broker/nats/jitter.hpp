/// Delays that grow, each with a random half, so that many nodes do not come at once.
#pragma once

#include <belfry/host.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace belfry::nats {

/// `failures`: how often it has failed before. At most `longest`.
[[nodiscard]] inline std::chrono::milliseconds jitter(const sdk::Env& env,
                                                      std::chrono::milliseconds first,
                                                      std::chrono::milliseconds longest,
                                                      unsigned failures) {
    constexpr unsigned kMostDoublings = 10;
    std::array<std::uint8_t, 2> random{};
    env.random(random);
    const auto part = (random[0] << 8U | random[1]) % 1'000;
    const auto whole = std::min(longest, first * (1U << std::min(failures, kMostDoublings)));
    return whole / 2 + whole * part / 2'000;
}

}  // namespace belfry::nats
