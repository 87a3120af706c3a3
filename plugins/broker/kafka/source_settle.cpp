// What becomes of messages that were delivered.
#include "plugins/broker/kafka/letters.hpp"
#include "plugins/broker/kafka/source.hpp"
#include "plugins/broker/kafka/times.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace belfry::kafka {
namespace {

constexpr std::int64_t kWriteAgain = kSecond;
constexpr std::int64_t kLongestDelay = 3LL * 24 * 3600 * kSecond;  // well within the retention
constexpr std::chrono::milliseconds kSettleTurn{30};

}  // namespace

void Source::settle_one(const Settled& settled) {
    auto incoming = session_->land(settled.token);
    if (!incoming) {
        return;
    }
    if (settled.outcome == BF_SETTLED_OK) {
        session_->done(*incoming);
        return;
    }
    const auto now = shared_.env.now();
    const Message& message = incoming->message;
    const bool is_last = message.attempt >= settings_.retries.limit;
    if (settled.outcome != BF_SETTLED_DEAD && !is_last) {
        const auto delay = settled.delay > 0 ? std::min(settled.delay, kLongestDelay)
                                             : delay_after(settings_.retries, message.attempt);
        const auto letter = retry_letter(message, now + delay);
        move(std::move(incoming), settings_.retry_topic(), letter);
        return;
    }
    std::string reason = settled.reason;
    if (settled.outcome != BF_SETTLED_DEAD) {
        reason = "failed " + std::to_string(message.attempt) + " times" +
                 (reason.empty() ? "" : ": " + reason);
    }
    const auto letter = dead_letter(message, {name_, reason, now});
    move(std::move(incoming), settings_.dead_letters, letter);
}

void Source::move(IncomingPtr incoming, const std::string& topic, const Message& letter) {
    const auto id = shared_.next_token();
    moving_.emplace(id, std::move(incoming));
    Message stamped = letter;
    stamped.time = shared_.env.now();  // by which the topic's retention goes
    const bool is_dead = topic == settings_.dead_letters;
    shared_.producer.produce(topic, stamped,
                             [id, is_dead, weak = weak_from_this()](const Verdict& verdict) {
                                 if (const auto self = weak.lock()) {
                                     {
                                         const std::lock_guard lock(self->mutex_);
                                         self->inbox_.moved.push_back({id, verdict, is_dead});
                                     }
                                     self->wake();
                                 }
                             });
}

void Source::take_moved(const Moved& moved) {
    auto found = moving_.extract(moved.id);
    if (found.empty()) {
        return;
    }
    if (moved.verdict.status == sdk::Status::ok) {
        dead_ += moved.is_dead ? 1 : 0;
        session_->done(*found.mapped());
        letter_trouble_.clear();
        return;
    }
    letter_trouble_ = moved.verdict.message;
    session_->hand_back(shared_.env.now() + kWriteAgain, std::move(found.mapped()));
}

// From inside of the session, while partitions go: nothing else may be done with it.
void Source::settle_in_time() {
    std::vector<Settled> settled;
    std::vector<Moved> moved;
    {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, kSettleTurn, [this] {
            return !inbox_.settled.empty() || !inbox_.moved.empty() || is_over_;
        });
        settled = std::exchange(inbox_.settled, {});
        moved = std::exchange(inbox_.moved, {});
    }
    for (const auto& one : settled) {
        settle_one(one);
    }
    for (const auto& one : moved) {
        take_moved(one);
    }
}

}  // namespace belfry::kafka
