/// Events that are remembered in memory: their bodies say what they are after a restart.
#pragma once

#include "plugins/storage/sqlite/event_key.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace belfry::sqlite {

/// One thread.
class RecentEvents {
public:
    RecentEvents();

    void add(Event event);
    /// Takes the last ones back.
    void shrink(std::size_t size);
    [[nodiscard]] std::size_t size() const { return events_.size(); }
    /// Appends the refs of all events with this hash.
    void find(std::uint64_t hash, std::vector<std::int64_t>& refs) const;
    /// In the order of their coming.
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }

private:
    void insert(std::uint32_t number);
    void grow();

    std::vector<Event> events_;
    std::vector<std::uint32_t> slots_;  ///< a hash table of numbers + 1
};

}  // namespace belfry::sqlite
