#include "plugins/broker/memory/source.hpp"

#include "plugins/broker/memory/calendar.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace belfry::memory {
namespace {

std::string place_of(const Group& group, std::string_view queue, std::uint64_t number) {
    return std::string(queue) + "@" + group.run + "-" + std::to_string(number);
}

}  // namespace

void Source::begin(Group& group, const bf_source& wire, SourceSettings settings) {
    wire_ = wire;
    wire_.name = {};
    wire_.config = {};
    settings_ = std::move(settings);
    queue_ = &group.queues.open(settings_.pattern);
    dead_letters_ = &group.queues.open(settings_.dead_letters);
    active_ = true;
    paused_ = false;
}

std::string Source::coordinates_of(const Group& group, const Item& item) const {
    return place_of(group, settings_.pattern, item.number);
}

Batch Source::take(Group& group, std::int64_t now) {
    Batch batch;
    for (std::uint64_t count = 0; is_open() && count < kMostInBatch; ++count) {
        if (in_flight_.size() >= wire_.max_in_flight) {
            break;
        }
        auto item = queue_->take(now);
        if (!item) {
            break;
        }
        redelivered_ += item->attempts > 1 ? 1 : 0;
        const std::uint64_t token = ++group.last_token;
        batch.add(*item, token, coordinates_of(group, *item));
        in_flight_.emplace(token, std::move(*item));
    }
    return batch;
}

void Source::settle(Group& group, const bf_settlement& settlement, const Clock& clock) {
    auto found = in_flight_.extract(settlement.token);
    if (found.empty()) {
        return;
    }
    Item& item = found.mapped();
    switch (settlement.outcome) {
        case BF_SETTLED_OK: group.queues.forget(item); break;
        case BF_SETTLED_DEAD: bury(group, item, sdk::view(settlement.reason), clock.now); break;
        default: retry(group, std::move(item), settlement, clock);
    }
}

void Source::retry(Group& group, Item item, const bf_settlement& settlement, const Clock& clock) {
    if (item.attempts >= settings_.retries.limit) {
        std::string reason = "failed " + std::to_string(item.attempts) + " times";
        if (settlement.reason.len != 0) {
            reason.append(": ").append(sdk::view(settlement.reason));
        }
        bury(group, item, reason, clock.now);
        return;
    }
    const std::int64_t delay =
        settlement.delay > 0 ? settlement.delay : delay_after(settings_.retries, item.attempts);
    if (delay == 0) {
        queue_->add(std::move(item));
    } else {
        queue_->delay(std::move(item),
                      clock.monotonic + std::min(delay, INT64_MAX - clock.monotonic));
    }
}

void Source::bury(Group& group, const Item& item, std::string_view reason, std::int64_t now) {
    ++dead_;
    const Message& message = *item.message;
    group.queues.bury(
        item, dead_letter_of(message, settings_.dead_letters,
                             {name_, settings_.pattern, message.destination, now, item.attempts},
                             {{BF_HEADER_REASON, std::string(reason)},
                              {BF_HEADER_SOURCE, name_},
                              {BF_HEADER_DESTINATION, message.destination},
                              {BF_HEADER_COORDINATES, coordinates_of(group, item)},
                              {BF_HEADER_ATTEMPTS, std::to_string(item.attempts)},
                              {BF_HEADER_DEAD_AT, rfc3339(now)}}));
}

bool Source::is_own(const Item& item) const {
    return item.message->death && item.message->death->source == name_;
}

Batch Source::dead_letters(const Group& group, std::uint64_t limit) const {
    Batch batch;
    for (const auto& [number, item] : dead_letters_->items()) {
        if (limit == 0) {
            break;
        }
        if (is_own(item)) {
            batch.add_dead(item, place_of(group, settings_.dead_letters, number));
            --limit;
        }
    }
    return batch;
}

std::uint64_t Source::replay(Group& group, std::uint64_t limit, std::int64_t before) {
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, item] : dead_letters_->items()) {
        if (numbers.size() == limit) {
            break;
        }
        if (is_own(item) && item.message->death->time < before) {
            numbers.push_back(number);
        }
    }
    for (const std::uint64_t number : numbers) {
        const Item item = dead_letters_->extract(number);
        group.queues.replay(item, revived(*item.message), item.message->death->pattern);
    }
    return numbers.size();
}

void Source::give_back() {
    for (auto& [token, item] : in_flight_) {
        queue_->add(std::move(item));
    }
    in_flight_.clear();
}

std::optional<std::int64_t> Source::next_due() const {
    return is_open() && in_flight_.size() < wire_.max_in_flight ? queue_->next_due() : std::nullopt;
}

sdk::SourceStats Source::stats() const {
    const auto& waiting = queue_->items();
    return {.connected = active_,
            .lag = waiting.size(),
            .in_flight = in_flight_.size(),
            .redelivered = redelivered_,
            .dead = dead_,
            .reconnects = 0,
            .oldest = waiting.empty() ? 0 : waiting.begin()->second.message->time,
            .dead_letters = dead_letters_->items().size()};
}

}  // namespace belfry::memory
