/// One consumption. Guarded by the mutex of its group.
#pragma once

#include "plugins/broker/memory/group.hpp"
#include "plugins/broker/memory/message.hpp"
#include "plugins/broker/memory/queues.hpp"
#include "plugins/broker/memory/settings.hpp"

#include <belfry/broker.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace belfry::memory {

struct Clock {
    std::int64_t now = 0;  ///< since 1970
    std::int64_t monotonic = 0;
};

class Source {
public:
    explicit Source(std::string name) : name_(std::move(name)) {}

    /// Delivers from now on; what was in flight before stays so.
    void begin(Group& group, const bf_source& wire, SourceSettings settings);
    void end() { active_ = false; }
    [[nodiscard]] bool active() const { return active_; }
    void pause(bool paused) { paused_ = paused; }

    /// What may be delivered at `now`, at most kMostInBatch.
    [[nodiscard]] Batch take(Group& group, std::int64_t now);
    /// Where batches of this consumption go.
    [[nodiscard]] const bf_source& wire() const { return wire_; }
    void settle(Group& group, const bf_settlement& settlement, const Clock& clock);
    /// Everything in flight goes back to where it was.
    void give_back();

    /// When something delayed is due that this source could deliver.
    [[nodiscard]] std::optional<std::int64_t> next_due() const;
    [[nodiscard]] std::uint64_t in_flight() const { return in_flight_.size(); }
    [[nodiscard]] sdk::SourceStats stats() const;

    /// The oldest dead letters, at most `limit`.
    [[nodiscard]] Batch dead_letters(const Group& group, std::uint64_t limit) const;
    /// Back into the queues they came from: the oldest that died before `before`, at most `limit`.
    [[nodiscard]] std::uint64_t replay(Group& group, std::uint64_t limit, std::int64_t before);

private:
    static constexpr std::uint64_t kMostInBatch = 64;

    [[nodiscard]] bool is_open() const { return active_ && !paused_; }
    [[nodiscard]] std::string coordinates_of(const Group& group, const Item& item) const;
    [[nodiscard]] bool is_own(const Item& item) const;
    void retry(Group& group, Item item, const bf_settlement& settlement, const Clock& clock);
    void bury(Group& group, const Item& item, std::string_view reason, std::int64_t now);

    std::string name_;
    SourceSettings settings_;
    Queue* queue_ = nullptr;  // of settings_.pattern
    Queue* dead_letters_ = nullptr;
    bf_source wire_{};  // ctx and deliver; its texts are not ours
    bool active_ = false;
    bool paused_ = false;
    std::map<std::uint64_t, Item> in_flight_;  // by token
    std::uint64_t redelivered_ = 0;
    std::uint64_t dead_ = 0;
};

}  // namespace belfry::memory
