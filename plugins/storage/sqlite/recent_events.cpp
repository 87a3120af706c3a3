#include "plugins/storage/sqlite/recent_events.hpp"

namespace belfry::sqlite {

namespace {

constexpr std::size_t kFirstEventSlots = 1'024;

}  // namespace

RecentEvents::RecentEvents() : slots_(kFirstEventSlots) {}

void RecentEvents::insert(std::uint32_t number) {
    auto slot = events_[number - 1].hash & (slots_.size() - 1);
    while (slots_[slot] != 0) {
        slot = (slot + 1) & (slots_.size() - 1);
    }
    slots_[slot] = number;
}

void RecentEvents::grow() {
    slots_.assign(slots_.size() * 2, 0);
    for (std::uint32_t number = 1; number <= events_.size(); ++number) {
        insert(number);
    }
}

void RecentEvents::add(Event event) {
    events_.push_back(event);
    insert(static_cast<std::uint32_t>(events_.size()));
    if (events_.size() * 2 > slots_.size()) {
        grow();
    }
}

/// The last one in is the first one out, so no other's way through the table is cut.
void RecentEvents::shrink(std::size_t size) {
    while (events_.size() > size) {
        auto slot = events_.back().hash & (slots_.size() - 1);
        while (slots_[slot] != events_.size()) {
            slot = (slot + 1) & (slots_.size() - 1);
        }
        slots_[slot] = 0;
        events_.pop_back();
    }
}

void RecentEvents::find(std::uint64_t hash, std::vector<std::int64_t>& refs) const {
    for (auto slot = hash & (slots_.size() - 1); slots_[slot] != 0;
         slot = (slot + 1) & (slots_.size() - 1)) {
        const auto& event = events_[slots_[slot] - 1];
        if (event.hash == hash) {
            refs.push_back(event.ref);
        }
    }
}

}  // namespace belfry::sqlite
