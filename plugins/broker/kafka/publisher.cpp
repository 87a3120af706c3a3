#include "plugins/broker/kafka/publisher.hpp"

#include "plugins/broker/kafka/topics.hpp"

#include <utility>

namespace belfry::kafka {
namespace {

constexpr std::uint64_t kMostUnconfirmed = 5'000;
constexpr std::uint64_t kMostBytes = 64ULL * 1024 * 1024;
constexpr std::int64_t kRetryWhenFull = 50'000'000;
constexpr std::int64_t kRetryWhenDown = 500'000'000;

}  // namespace

void Publisher::publish(Message message, Producer::Then then) {
    if (!standing_.is_up()) {
        then({sdk::Status::unavailable, standing_.reason(), kRetryWhenDown});
        return;
    }
    std::unique_lock lock(mutex_);
    if (producer_.unconfirmed() + waiting_count_ >= kMostUnconfirmed ||
        producer_.unconfirmed_bytes() >= kMostBytes) {
        lock.unlock();
        then({sdk::Status::retry, "too many messages are not confirmed yet", kRetryWhenFull});
        return;
    }
    if (known_.contains(message.destination)) {
        lock.unlock();
        produce({std::move(message), std::move(then)});
        return;
    }
    const std::string topic = message.destination;
    auto& waiting = waiting_[topic];
    waiting.push_back({std::move(message), std::move(then)});
    ++waiting_count_;
    const bool is_first = waiting.size() == 1;
    lock.unlock();
    if (is_first) {
        worker_.post([this, topic](bool is_live) { look_up(topic, is_live); });
    }
}

void Publisher::look_up(const std::string& topic, bool is_live) {
    if (!is_live) {
        refuse(topic, {sdk::Status::closed, "the broker is being stopped", 0});
        return;
    }
    try {
        if (count_partitions(handle_, topic) == 0) {
            refuse(topic, {sdk::Status::not_found, "topic " + topic + ": is not there", 0});
            return;
        }
    } catch (const sdk::Failure& failure) {
        refuse(topic, {failure.status, failure.what(), kRetryWhenDown});
        return;
    }
    // What comes meanwhile goes behind them.
    for (auto batch = take_waiting(topic); !batch.empty(); batch = take_waiting(topic)) {
        for (const auto& one : batch) {
            produce(one);
        }
    }
}

std::vector<Publisher::Waiting> Publisher::take_waiting(const std::string& topic) {
    const std::lock_guard lock(mutex_);
    auto batch = std::exchange(waiting_[topic], {});
    waiting_count_ -= batch.size();
    if (batch.empty()) {
        waiting_.erase(topic);
        known_.insert(topic);
    }
    return batch;
}

void Publisher::refuse(const std::string& topic, const Verdict& verdict) {
    std::unique_lock lock(mutex_);
    const auto found = waiting_.extract(topic);
    if (found.empty()) {
        return;
    }
    waiting_count_ -= found.mapped().size();
    lock.unlock();
    for (const auto& one : found.mapped()) {
        one.then(verdict);
    }
}

void Publisher::produce(const Waiting& letter) {
    producer_.produce(
        letter.message.destination, letter.message,
        [this, topic = letter.message.destination, then = letter.then](const Verdict& verdict) {
            if (verdict.status == sdk::Status::not_found) {
                const std::lock_guard lock(mutex_);
                known_.erase(topic);
            }
            then(verdict);
        });
}

}  // namespace belfry::kafka
