#include "plugins/storage/postgresql/reconnect.hpp"

#include <algorithm>
#include <array>

namespace belfry::postgresql {

namespace {

constexpr std::chrono::milliseconds kFirstDelay{50};
constexpr std::chrono::milliseconds kMost{5'000};
constexpr unsigned kMostDoublings = 7;

}  // namespace

void Reconnect::succeeded() {
    failures_ = 0;
    next_ = {};
}

void Reconnect::failed() {
    std::array<std::uint8_t, 2> random{};
    env_.random(random);
    const auto fraction = (random[0] << 8U | random[1]) / 65'536.0;
    const auto delay = std::min(kMost, kFirstDelay * (1U << std::min(failures_, kMostDoublings)));
    ++failures_;
    next_ =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(delay * (0.5 + fraction / 2));
}

std::chrono::milliseconds Reconnect::wait() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_ - Clock::now());
    return std::max(left, std::chrono::milliseconds{0});
}

}  // namespace belfry::postgresql
