#include "plugins/broker/kafka/backlog.hpp"

#include <algorithm>
#include <iterator>

namespace belfry::kafka {

void Backlog::add(IncomingPtr incoming) {
    ready_bytes_ += incoming->message.bytes();
    ready_.push_back(std::move(incoming));
}

void Backlog::hold(std::int64_t due, IncomingPtr incoming) {
    held_bytes_ += incoming->message.bytes();
    held_.emplace(due, std::move(incoming));
}

// What has come of age goes first: it is older than all that is ready.
IncomingPtr Backlog::take(std::int64_t now) {
    IncomingPtr next;
    if (!held_.empty() && held_.begin()->first <= now) {
        next = std::move(held_.begin()->second);
        held_.erase(held_.begin());
        held_bytes_ -= next->message.bytes();
    } else if (!ready_.empty()) {
        next = std::move(ready_.front());
        ready_.pop_front();
        ready_bytes_ -= next->message.bytes();
    }
    return next;
}

bool Backlog::has(std::int64_t now) const {
    return !ready_.empty() || (!held_.empty() && held_.begin()->first <= now);
}

void Backlog::drop(const std::function<bool(const Place&)>& is_gone) {
    std::erase_if(ready_, [&](const IncomingPtr& one) {
        const bool is_out = is_gone(one->place);
        ready_bytes_ -= is_out ? one->message.bytes() : 0;
        return is_out;
    });
    std::erase_if(held_, [&](const auto& held) {
        const bool is_out = is_gone(held.second->place);
        held_bytes_ -= is_out ? held.second->message.bytes() : 0;
        return is_out;
    });
}

std::optional<std::int64_t> Backlog::next_due() const {
    if (held_.empty()) {
        return std::nullopt;
    }
    return held_.begin()->first;
}

std::int64_t Backlog::oldest() const {
    std::int64_t oldest = 0;
    const auto take = [&](const IncomingPtr& one) {
        if (one->message.time > 0 && (oldest == 0 || one->message.time < oldest)) {
            oldest = one->message.time;
        }
    };
    std::ranges::for_each(ready_, take);
    for (const auto& [due, one] : held_) {
        take(one);
    }
    return oldest;
}

}  // namespace belfry::kafka
