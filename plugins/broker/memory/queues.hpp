/// What is kept between publishing and settling. No threads and no clock: whoever calls brings
/// both.
#pragma once

#include "plugins/broker/memory/message.hpp"
#include "plugins/broker/memory/settings.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace belfry::memory {

/// The messages of one pattern, oldest first.
class Queue {
public:
    void add(Item item) { ready_.emplace(item.number, std::move(item)); }
    /// Kept back until `due` (monotonic); then it is where it was before.
    void delay(Item item, std::int64_t due) { delayed_.emplace(due, std::move(item)); }
    /// The oldest that may be delivered at `now`; counts the attempt.
    [[nodiscard]] std::optional<Item> take(std::int64_t now);
    /// When the next delayed item is due.
    [[nodiscard]] std::optional<std::int64_t> next_due() const;
    [[nodiscard]] std::uint64_t waiting() const { return ready_.size() + delayed_.size(); }

private:
    std::map<std::uint64_t, Item> ready_;        // by number
    std::multimap<std::int64_t, Item> delayed_;  // by due time
};

/// All queues. A message goes to every queue whose pattern matches its destination; one that
/// matches none waits for a queue that does. What was taken out still counts until forget().
class Queues {
public:
    /// False, and nothing is changed, where that would exceed `limits`.
    [[nodiscard]] bool publish(Message message, const Limits& limits);
    /// Adds a dead letter in the place of a message taken out. Never refused.
    void bury(const Item& item, std::string destination,
              std::vector<std::pair<std::string, std::string>> reasons);
    /// Made where it is not there; stays.
    [[nodiscard]] Queue& open(const std::string& pattern);
    /// An item that was taken out is done with.
    void forget(const Item& item);

    [[nodiscard]] std::uint64_t messages() const { return messages_; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

private:
    void route(const std::shared_ptr<const Message>& message);

    std::map<std::string, Queue> queues_;  // by pattern
    Queue unrouted_;
    std::uint64_t last_number_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace belfry::memory
