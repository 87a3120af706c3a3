#include "daemon/base/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace belfry {
namespace {

constexpr Nanos kRedraw = 100 * kMillisecond;
constexpr Nanos kLine = 10 * kSecond;
constexpr std::size_t kWidth = 30;

}  // namespace

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

Progress::Progress(const Clock& clock, std::string step, std::uint64_t expected, std::string unit)
    : clock_(clock), step_(std::move(step)), expected_(expected), unit_(std::move(unit)),
      is_terminal_(isatty(STDERR_FILENO) != 0), since_(clock.monotonic()),
      shown_at_(since_ - kLine) {}

Progress::~Progress() {
    if (is_terminal_) {
        std::cerr << '\n';
    }
}

void Progress::show(std::uint64_t done) {
    const Nanos now = clock_.monotonic();
    const bool is_last = expected_ != 0 && done >= expected_;
    if (now - shown_at_ < (is_terminal_ ? kRedraw : kLine) && !is_last) {
        return;
    }
    shown_at_ = now;
    std::cerr << (is_terminal_ ? "\r" : "") << line(done) << (is_terminal_ ? "\x1b[K" : "\n")
              << std::flush;
}

std::string Progress::line(std::uint64_t done) const {
    std::string text = step_ + ' ';
    if (expected_ != 0) {
        const std::uint64_t shown = std::min(done, expected_);
        const std::size_t filled = shown * kWidth / expected_;
        text += '[' + std::string(filled, '#') + std::string(kWidth - filled, '.') + "] " +
                std::to_string(shown * 100 / expected_) + " % ";
    }
    text += grouped(done) + ' ' + unit_;
    if (const Nanos elapsed = clock_.monotonic() - since_; elapsed >= kSecond) {
        const auto rate = static_cast<double>(done) * kSecond / static_cast<double>(elapsed);
        text += ", " + grouped(static_cast<std::uint64_t>(rate)) + "/s";
    }
    return text;
}

}  // namespace belfry
