/// How long to wait before the next try.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace belfry::cli {

/// Doubles up to a bound; each wait is cut at random, so that many clients do not come back at
/// once.
class Backoff {
public:
    using Milliseconds = std::chrono::milliseconds;

    Backoff(Milliseconds first, Milliseconds longest) : first_(first), longest_(longest) {}

    Milliseconds next() {
        wait_ = std::min(wait_.count() == 0 ? first_ : wait_ * 2, longest_);
        std::uniform_int_distribution<Milliseconds::rep> part(wait_.count() / 2, wait_.count());
        return Milliseconds(part(random_));
    }
    void reset() { wait_ = {}; }

private:
    Milliseconds first_;
    Milliseconds longest_;
    Milliseconds wait_{};
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace belfry::cli
