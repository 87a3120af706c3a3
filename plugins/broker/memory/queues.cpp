#include "plugins/broker/memory/queues.hpp"

#include "plugins/broker/memory/pattern.hpp"

#include <algorithm>
#include <limits>

namespace belfry::memory {
namespace {

bool is_for(const std::string& pattern, const Message& message) {
    return message.death ? pattern == message.destination : matches(pattern, message.destination);
}

}  // namespace

void Queue::add(Item item) {
    ready_.insert(item.number);
    items_.emplace(item.number, std::move(item));
}

void Queue::delay(Item item, std::int64_t due) {
    delayed_.emplace(due, item.number);
    items_.emplace(item.number, std::move(item));
}

std::optional<Item> Queue::take(std::int64_t now) {
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        ready_.insert(delayed_.extract(delayed_.begin()).value().second);
    }
    if (ready_.empty()) {
        return std::nullopt;
    }
    Item oldest = extract(*ready_.begin());
    ++oldest.attempts;
    return oldest;
}

Item Queue::extract(std::uint64_t number) {
    if (ready_.erase(number) == 0) {
        std::erase_if(delayed_, [number](const auto& delayed) { return delayed.second == number; });
    }
    return std::move(items_.extract(number).mapped());
}

std::optional<std::int64_t> Queue::next_due() const {
    if (delayed_.empty()) {
        return std::nullopt;
    }
    return delayed_.begin()->first;
}

bool Queues::publish(Message message, const Limits& limits) {
    const auto matching = std::count_if(queues_.begin(), queues_.end(), [&](const auto& queue) {
        return is_for(queue.first, message);
    });
    const auto copies = std::max<std::uint64_t>(static_cast<std::uint64_t>(matching), 1);
    if (messages_ + copies > limits.messages || bytes_ + copies * message.bytes() > limits.bytes) {
        return false;
    }
    route(std::make_shared<const Message>(std::move(message)));
    return true;
}

void Queues::bury(const Item& item, Message dead_letter) {
    forget(item);
    route(std::make_shared<const Message>(std::move(dead_letter)));
}

void Queues::replay(const Item& item, Message message, const std::string& pattern) {
    forget(item);
    ++messages_;
    bytes_ += message.bytes();
    open(pattern).add({std::make_shared<const Message>(std::move(message)), ++last_number_, 0});
}

void Queues::route(const std::shared_ptr<const Message>& message) {
    const std::uint64_t number = ++last_number_;
    std::uint64_t copies = 0;
    for (auto& [pattern, queue] : queues_) {
        if (is_for(pattern, *message)) {
            queue.add({message, number, 0});
            ++copies;
        }
    }
    if (copies == 0) {
        unrouted_.add({message, number, 0});
        copies = 1;
    }
    messages_ += copies;
    bytes_ += copies * message->bytes();
}

Queue& Queues::open(const std::string& pattern) {
    const auto [found, is_new] = queues_.try_emplace(pattern);
    if (!is_new) {
        return found->second;
    }
    Queue others;
    while (auto item = unrouted_.take(std::numeric_limits<std::int64_t>::max())) {
        item->attempts = 0;
        Queue& home = is_for(pattern, *item->message) ? found->second : others;
        home.add(std::move(*item));
    }
    unrouted_ = std::move(others);
    return found->second;
}

void Queues::forget(const Item& item) {
    --messages_;
    bytes_ -= item.message->bytes();
}

}  // namespace belfry::memory
