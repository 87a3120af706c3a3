#include "plugins/broker/memory/source.hpp"

#include <algorithm>

namespace belfry::memory {

void Source::begin(Group& group, const bf_source& wire, const std::string& pattern) {
    wire_ = wire;
    wire_.name = {};
    wire_.config = {};
    pattern_ = pattern;
    queue_ = &group.queues.open(pattern);
    active_ = true;
    paused_ = false;
}

Batch Source::take(Group& group, std::int64_t now) {
    Batch batch(wire_);
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
        batch.add(*item, token, pattern_ + "@" + group.run + "-" + std::to_string(item->number));
        in_flight_.emplace(token, std::move(*item));
    }
    return batch;
}

void Source::settle(Group& group, const bf_settlement& settlement, std::int64_t now) {
    auto found = in_flight_.extract(settlement.token);
    if (found.empty()) {
        return;
    }
    Item& item = found.mapped();
    switch (settlement.outcome) {
        case BF_SETTLED_OK: group.queues.forget(item); break;
        case BF_SETTLED_DEAD: bury(group, item, sdk::view(settlement.reason)); break;
        default:
            if (settlement.delay > 0) {
                queue_->delay(std::move(item), now + std::min(settlement.delay, INT64_MAX - now));
            } else {
                queue_->add(std::move(item));
            }
    }
}

void Source::bury(Group& group, const Item& item, std::string_view reason) {
    ++dead_;
    group.queues.bury(item, name_ + ".dead",
                      {{"belfry-reason", std::string(reason)},
                       {"belfry-source", name_},
                       {"belfry-destination", item.message->destination},
                       {"belfry-attempts", std::to_string(item.attempts)}});
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
    return {active_, queue_->waiting(), in_flight_.size(), redelivered_, dead_, 0};
}

}  // namespace belfry::memory
