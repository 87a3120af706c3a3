/// Randomness, injected so that the simulation can repeat it.
#pragma once

#include <cstdint>
#include <span>

namespace belfry {

/// Any thread.
class Random {
public:
    Random() = default;
    Random(const Random&) = delete;
    Random& operator=(const Random&) = delete;
    virtual ~Random() = default;

    virtual void fill(std::span<std::uint8_t> out) = 0;
    /// A number in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound);
    std::uint64_t next();
};

/// The kernel's generator; fit for secrets.
Random& system_random();

}  // namespace belfry
