#include "plugins/broker/memory/bus.hpp"

namespace belfry::memory {

void Ear::listen(std::span<const std::uint32_t> partitions, sdk::Listener listener) {
    partitions_ = {partitions.begin(), partitions.end()};
    listener_ = listener;
    waiting_.clear();
}

bool Ear::offer(std::uint32_t partition, const Text& message) {
    if (!partitions_.contains(partition)) {
        return true;
    }
    const bool full = waiting_.size() >= kMostWaiting;
    if (full) {
        waiting_.pop_front();
    }
    waiting_.emplace_back(partition, message);
    return !full;
}

}  // namespace belfry::memory
