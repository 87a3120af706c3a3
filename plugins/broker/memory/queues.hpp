/// What is kept between publishing and settling. No threads and no clock: whoever calls brings
/// both.
#pragma once

#include "plugins/broker/memory/message.hpp"
#include "plugins/broker/memory/settings.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace belfry::memory {

/// The messages of one pattern, oldest first.
class Queue {
public:
    void add(Item item);
    /// Kept back until `due` (monotonic); then it is where it was before.
    void delay(Item item, std::int64_t due);
    /// The oldest that may be delivered at `now`; counts the attempt.
    [[nodiscard]] std::optional<Item> take(std::int64_t now);
    /// What waits, those kept back included.
    [[nodiscard]] const std::map<std::uint64_t, Item>& items() const { return items_; }
    /// Takes out the item with this number, which is there.
    Item extract(std::uint64_t number);
    /// When the next delayed item is due.
    [[nodiscard]] std::optional<std::int64_t> next_due() const;

private:
    std::map<std::uint64_t, Item> items_;                       // by number
    std::set<std::uint64_t> ready_;                             // numbers
    std::set<std::pair<std::int64_t, std::uint64_t>> delayed_;  // due time, number
};

/// All queues. A message goes to every queue whose pattern matches its destination; one that
/// matches none waits for a queue that does. What was taken out still counts until forget().
class Queues {
public:
    /// False, and nothing is changed, where that would exceed `limits`.
    [[nodiscard]] bool publish(Message message, const Limits& limits);
    /// Adds a dead letter in the place of a message taken out. Never refused.
    void bury(const Item& item, Message dead_letter);
    /// Adds a message to the queue of `pattern` alone, in the place of one taken out.
    void replay(const Item& item, Message message, const std::string& pattern);
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
