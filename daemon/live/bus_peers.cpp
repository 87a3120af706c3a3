#include "daemon/live/bus_peers.hpp"

#include <algorithm>

namespace belfry::live {
namespace {

/// More are no nodes: somebody writes what he likes to the bus.
constexpr std::size_t kMostRuns = 1024;
constexpr Nanos kRemembered = 60 * kSecond;
constexpr Nanos kPresent = 5 * kSecond;

}  // namespace

std::uint64_t BusPeers::note(const BusSender& sender, std::uint32_t partition, Nanos now) {
    if (!runs_.contains(sender.run) && runs_.size() >= kMostRuns) {
        return 0;
    }
    Run& run = runs_[sender.run];
    run.node = sender.node;
    run.heard_at = now;
    const auto [last, is_first] = run.numbers.emplace(partition, sender.number);
    if (is_first || sender.number <= last->second) {
        return 0;
    }
    const std::uint64_t missed = sender.number - last->second - 1;
    last->second = sender.number;
    return missed;
}

void BusPeers::forget(Nanos now) {
    std::erase_if(runs_,
                  [now](const auto& run) { return now - run.second.heard_at > kRemembered; });
}

bool BusPeers::has(std::string_view node, Nanos now) const {
    return std::ranges::any_of(runs_, [&](const auto& run) {
        return run.second.node == node && now - run.second.heard_at <= kPresent;
    });
}

}  // namespace belfry::live
