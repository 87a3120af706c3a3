/// What was read and is not delivered yet.
#pragma once

#include "plugins/broker/kafka/message.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace belfry::kafka {

/// A partition, by its topic.
using Place = std::pair<std::string, std::int32_t>;

struct Incoming {
    Message message;
    Place place;  ///< where it was read, and is to be committed
    std::int64_t offset = 0;
};
using IncomingPtr = std::unique_ptr<Incoming>;

/// One thread.
class Backlog {
public:
    void add(IncomingPtr incoming);
    /// Not to be taken before `due` (since 1970).
    void hold(std::int64_t due, IncomingPtr incoming);
    /// The oldest that may be delivered at `now`; null without one.
    [[nodiscard]] IncomingPtr take(std::int64_t now);
    [[nodiscard]] bool has(std::int64_t now) const;
    /// Those for which this is true.
    void drop(const std::function<bool(const Place&)>& is_gone);

    [[nodiscard]] std::optional<std::int64_t> next_due() const;
    /// The time of the oldest message that waits; 0 where it is not known, or none waits.
    [[nodiscard]] std::int64_t oldest() const;
    /// So much may be delivered that nothing more is to be read, and so much is held that no more
    /// retries are.
    [[nodiscard]] bool is_full() const { return is_over(ready_.size(), ready_bytes_, 1); }
    [[nodiscard]] bool holds_much() const { return is_over(held_.size(), held_bytes_, 1); }
    /// Empty enough to read on.
    [[nodiscard]] bool is_low() const { return !is_over(ready_.size(), ready_bytes_, 4); }
    [[nodiscard]] bool holds_little() const { return !is_over(held_.size(), held_bytes_, 4); }
    [[nodiscard]] std::size_t count() const { return ready_.size() + held_.size(); }

private:
    static constexpr std::size_t kMost = 2'000;
    static constexpr std::size_t kMostBytes = 8UL * 1024 * 1024;

    static bool is_over(std::size_t count, std::size_t bytes, std::size_t part) {
        return count >= kMost / part || bytes >= kMostBytes / part;
    }

    std::deque<IncomingPtr> ready_;
    std::multimap<std::int64_t, IncomingPtr> held_;
    std::size_t ready_bytes_ = 0;
    std::size_t held_bytes_ = 0;
};

}  // namespace belfry::kafka
