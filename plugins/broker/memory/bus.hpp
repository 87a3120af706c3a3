/// One instance's ear on the bus. Guarded by the mutex of its group.
#pragma once

#include <belfry/broker.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>

namespace belfry::memory {

class Ear {
public:
    using Text = std::shared_ptr<const std::string>;

    /// Messages that wait to be heard; beyond it the oldest are lost.
    static constexpr std::size_t kMostWaiting = 4096;

    void listen(std::span<const std::uint32_t> partitions, sdk::Listener listener);
    void close() { listen({}, {}); }
    /// False where a message was lost for it.
    bool offer(std::uint32_t partition, const Text& message);
    [[nodiscard]] bool has_waiting() const { return !waiting_.empty(); }
    [[nodiscard]] std::deque<std::pair<std::uint32_t, Text>> take() { return std::move(waiting_); }
    [[nodiscard]] sdk::Listener listener() const { return listener_; }

private:
    std::set<std::uint32_t> partitions_;
    sdk::Listener listener_;
    std::deque<std::pair<std::uint32_t, Text>> waiting_;
};

}  // namespace belfry::memory
