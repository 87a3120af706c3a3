#include "plugins/storage/sqlite/arrivals.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace belfry::sqlite {

namespace {

constexpr std::size_t kFirstSlots = 1'024;
/// As many arrivals are added under one lock, so that readers do not wait for a whole fan-out.
constexpr std::size_t kAtOnce = 1'024;

std::size_t hash_of(std::int64_t stream) {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(stream) * 0x9e3779b97f4a7c15ULL >>
                                    20U);
}

}  // namespace

Generation::Generation() : slots_(kFirstSlots) {}

std::size_t Generation::slot_of(std::int64_t stream) const {
    auto slot = hash_of(stream) & (slots_.size() - 1);
    while (slots_[slot].stream != stream && slots_[slot].stream != 0) {
        slot = (slot + 1) & (slots_.size() - 1);
    }
    return slot;
}

void Generation::grow() {
    std::vector<Slot> before(slots_.size() * 2);
    std::swap(before, slots_);
    for (const auto& slot : before) {
        if (slot.stream != 0) {
            slots_[slot_of(slot.stream)] = slot;
        }
    }
}

void Generation::add_one(std::int64_t journal, const Arrival& arrival) {
    auto& slot = slots_[slot_of(arrival.stream)];
    const auto before = slot.newest;
    const bool is_new = slot.stream == 0;
    items_.push_back({arrival, before, journal});
    slot = {arrival.stream, static_cast<std::uint32_t>(items_.size())};
    if (is_new && ++used_ * 2 > slots_.size()) {
        grow();
    }
}

void Generation::add(std::int64_t journal, const std::vector<Arrival>& arrivals) {
    for (std::size_t at = 0; at < arrivals.size();) {
        const std::unique_lock lock(mutex_);
        for (const auto end = std::min(arrivals.size(), at + kAtOnce); at < end; ++at) {
            add_one(journal, arrivals[at]);
        }
    }
}

std::vector<Arrival> Generation::since(std::size_t size) const {
    const std::shared_lock lock(mutex_);
    std::vector<Arrival> arrivals;
    arrivals.reserve(items_.size() - size);
    for (auto at = size; at < items_.size(); ++at) {
        arrivals.push_back(items_[at].arrival);
    }
    return arrivals;
}

void Generation::shrink(std::size_t size) {
    const std::unique_lock lock(mutex_);
    while (items_.size() > size) {
        const auto& item = items_.back();
        slots_[slot_of(item.arrival.stream)].newest = item.before;
        items_.pop_back();
    }
}

std::size_t Generation::size() const {
    const std::shared_lock lock(mutex_);
    return items_.size();
}

std::int64_t Generation::last_journal() const {
    const std::shared_lock lock(mutex_);
    return items_.empty() ? 0 : items_.back().journal;
}

bool Generation::has_any(std::int64_t journal) const {
    const std::shared_lock lock(mutex_);
    return !items_.empty() && items_.front().journal <= journal;
}

void Generation::find(std::int64_t stream, std::uint64_t seq, std::int64_t journal,
                      std::vector<Arrival>& found) const {
    const std::shared_lock lock(mutex_);
    for (auto at = slots_[slot_of(stream)].newest; at != 0; at = items_[at - 1].before) {
        const auto& item = items_[at - 1];
        if (item.arrival.seq <= seq) {
            return;
        }
        if (item.journal <= journal) {
            found.push_back(item.arrival);
        }
    }
}

std::vector<std::int64_t> Generation::streams() const {
    std::vector<std::int64_t> ids;
    {
        const std::shared_lock lock(mutex_);
        ids.reserve(used_);
        for (const auto& slot : slots_) {
            if (slot.newest != 0) {
                ids.push_back(slot.stream);
            }
        }
    }
    std::ranges::sort(ids);
    return ids;
}

Arrivals::Arrivals() : young_(std::make_shared<Generation>()) {}

Arrivals::View Arrivals::view() const {
    const std::lock_guard lock(mutex_);
    View view{{}, gone_};
    for (const auto& generation : {young_, old_}) {
        if (generation != nullptr) {
            view.generations.push_back(generation);
        }
    }
    return view;
}

void Arrivals::age() {
    const std::lock_guard lock(mutex_);
    old_ = std::exchange(young_, std::make_shared<Generation>());
}

void Arrivals::drop_old() {
    const std::lock_guard lock(mutex_);
    old_.reset();
    ++gone_;
}

std::vector<std::int64_t> Arrivals::streams() const {
    auto ids = young_->streams();
    if (old_ != nullptr) {
        const auto older = old_->streams();
        ids.insert(ids.end(), older.begin(), older.end());
        std::ranges::sort(ids);
        const auto rest = std::ranges::unique(ids);
        ids.erase(rest.begin(), rest.end());
    }
    return ids;
}

std::vector<Arrival> Arrivals::find(std::int64_t stream, std::uint64_t seq) const {
    constexpr auto kAny = std::numeric_limits<std::int64_t>::max();
    std::vector<Arrival> found;
    young_->find(stream, seq, kAny, found);
    if (old_ != nullptr) {
        old_->find(stream, seq, kAny, found);
    }
    std::ranges::reverse(found);
    return found;
}

}  // namespace belfry::sqlite
