#include "plugins/broker/rabbitmq/held.hpp"

#include <algorithm>

namespace belfry::rabbitmq {

void HeldMessages::add(std::uint64_t tag, Incoming incoming) {
    held_.emplace(tag, Held{std::move(incoming), Held::State::ready, 0, {}});
    ready_.push_back(tag);
}

std::optional<std::uint64_t> HeldMessages::deliver_next(std::uint64_t token) {
    if (ready_.empty()) {
        return std::nullopt;
    }
    const std::uint64_t tag = ready_.front();
    ready_.pop_front();
    Held& held = held_.at(tag);
    held.state = Held::State::delivered;
    held.token = token;
    tags_.emplace(token, tag);
    return tag;
}

std::vector<std::uint64_t> HeldMessages::give_back() {
    std::vector<std::uint64_t> tags(ready_.begin(), ready_.end());
    ready_.clear();
    for (const auto tag : tags) {
        held_.erase(tag);
    }
    return tags;
}

std::optional<std::uint64_t> HeldMessages::find(std::uint64_t token) const {
    const auto found = tags_.find(token);
    return found == tags_.end() ? std::nullopt : std::optional(found->second);
}

Held* HeldMessages::at(std::uint64_t tag) {
    const auto found = held_.find(tag);
    return found == held_.end() ? nullptr : &found->second;
}

void HeldMessages::settled(std::uint64_t tag, Held::State state) {
    Held& held = held_.at(tag);
    held.state = state;
    tags_.erase(held.token);
}

void HeldMessages::done(std::uint64_t tag) {
    tags_.erase(held_.at(tag).token);
    held_.erase(tag);
    done_.push_back(tag);
}

void HeldMessages::gone(std::uint64_t tag) { held_.erase(tag); }

std::vector<HeldMessages::Ack> HeldMessages::take_acks() {
    std::sort(done_.begin(), done_.end());
    const std::uint64_t first_open = held_.empty() ? UINT64_MAX : held_.begin()->first;
    std::vector<Ack> acks;
    for (const auto tag : done_) {
        if (tag < first_open && !acks.empty()) {
            acks.front() = {tag, true};
        } else {
            acks.push_back({tag, false});
        }
    }
    done_.clear();
    return acks;
}

std::vector<Held> HeldMessages::take_all() {
    std::vector<Held> all;
    for (auto& [tag, held] : held_) {
        all.push_back(std::move(held));
    }
    held_.clear();
    ready_.clear();
    tags_.clear();
    done_.clear();
    return all;
}

}  // namespace belfry::rabbitmq
