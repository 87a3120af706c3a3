/// One consumption. Guarded by the mutex of its group.
#pragma once

#include "plugins/broker/memory/group.hpp"
#include "plugins/broker/memory/message.hpp"
#include "plugins/broker/memory/queues.hpp"

#include <belfry/broker.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace belfry::memory {

class Source {
public:
    explicit Source(std::string name) : name_(std::move(name)) {}

    /// Delivers from `pattern` from now on; what was in flight before stays so.
    void begin(Group& group, const bf_source& wire, const std::string& pattern);
    void end() { active_ = false; }
    [[nodiscard]] bool active() const { return active_; }
    void pause(bool paused) { paused_ = paused; }

    /// What may be delivered at `now`, at most kMostInBatch.
    [[nodiscard]] Batch take(Group& group, std::int64_t now);
    void settle(Group& group, const bf_settlement& settlement, std::int64_t now);
    /// Everything in flight goes back to where it was.
    void give_back();

    /// When something delayed is due that this source could deliver.
    [[nodiscard]] std::optional<std::int64_t> next_due() const;
    [[nodiscard]] std::uint64_t in_flight() const { return in_flight_.size(); }
    [[nodiscard]] sdk::SourceStats stats() const;

private:
    static constexpr std::uint64_t kMostInBatch = 64;

    [[nodiscard]] bool is_open() const { return active_ && !paused_; }
    void bury(Group& group, const Item& item, std::string_view reason);

    std::string name_;
    std::string pattern_;
    Queue* queue_ = nullptr;
    bf_source wire_{};  // ctx and deliver; its texts are not ours
    bool active_ = false;
    bool paused_ = false;
    std::map<std::uint64_t, Item> in_flight_;  // by token
    std::uint64_t redelivered_ = 0;
    std::uint64_t dead_ = 0;
};

}  // namespace belfry::memory
