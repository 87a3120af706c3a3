#include "daemon/base/random.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdlib>
#include <cstring>

namespace belfry {
namespace {

class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override {
        while (!out.empty()) {
            const auto got = getrandom(out.data(), std::min<std::size_t>(out.size(), 256), 0);
            if (got < 0) {
                std::abort();  // cannot happen on a booted Linux, and nothing safe can follow
            }
            out = out.subspan(static_cast<std::size_t>(got));
        }
    }
};

}  // namespace

std::uint64_t Random::next() {
    std::array<std::uint8_t, 8> bytes{};
    fill(bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
    assert(bound > 0);
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    std::uint64_t value = next();
    while (value >= limit) {
        value = next();
    }
    return value % bound;
}

Random& system_random() {
    static SystemRandom random;
    return random;
}

}  // namespace belfry
