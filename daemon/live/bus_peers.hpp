/// The other nodes, as far as the bus has told of them.
#pragma once

#include "daemon/live/bus_message.hpp"

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace belfry::live {

/// Counts what is missing from the numbered messages of each run. One thread.
class BusPeers {
public:
    /// -> messages of this run that were missed on the partition just before this one.
    std::uint64_t note(const BusSender& sender, std::uint32_t partition, Nanos now);
    /// Forgets runs not heard for a minute.
    void forget(Nanos now);
    [[nodiscard]] std::size_t size() const { return runs_.size(); }
    /// A run that has been heard within the last seconds has this name.
    [[nodiscard]] bool has(std::string_view node, Nanos now) const;

private:
    struct Run {
        std::string node;
        Nanos heard_at = 0;
        std::unordered_map<std::uint32_t, std::uint64_t> numbers;  ///< the last, by partition
    };

    std::unordered_map<std::uint64_t, Run> runs_;
};

}  // namespace belfry::live
