// The thread of a source.
#include "plugins/broker/kafka/source.hpp"
#include "plugins/broker/kafka/times.hpp"
#include "plugins/broker/kafka/topics.hpp"

#include <algorithm>
#include <utility>

namespace belfry::kafka {
namespace {

constexpr std::int64_t kConsumePatience = 45 * kSecond;
constexpr std::int64_t kCommitInterval = 200 * kMilli;
constexpr std::int64_t kReopenInterval = kSecond;
constexpr int kLongestWait = 100;  // ms
constexpr std::uint64_t kMostInBatch = 64;
constexpr std::size_t kMostMoving = 1'000;
constexpr int kMovingTurns = 60;

}  // namespace

void Source::run(const std::shared_ptr<Source>& previous) {
    if (previous) {
        previous->stop();
        previous->join();
    }
    if (begin()) {
        const auto is_needed = [this] {
            return is_active_ || session_->in_flight() > 0 || !moving_.empty();
        };
        while (!is_over_ && is_needed()) {
            turn();
        }
    }
    finish();
}

bool Source::begin() {
    consume_until_ = shared_.env.monotonic() + kConsumePatience;
    try {
        verify_topics();
        open_session({});
    } catch (const sdk::Failure& failure) {
        has_failed_ = true;
        is_active_ = false;
        consumed_->fail(failure);
        consumed_.reset();
        return false;
    }
    return true;
}

void Source::verify_topics() {
    for (const auto& topic : topics_of(settings_)) {
        if (is_over_) {
            throw sdk::Failure(sdk::Status::closed, "the broker is being stopped");
        }
        if (count_partitions(shared_.watch.handle(), topic.name) > 0) {
            continue;
        }
        if (!settings_.declares) {
            throw sdk::Failure(sdk::Status::not_found, "topic " + topic.name + ": is not there");
        }
        create_topic(shared_.watch.handle(), topic);
    }
}

void Source::open_session(const std::set<std::string>& made_again) {
    auto session =
        std::make_shared<Session>(shared_, settings_, [this] { settle_in_time(); }, made_again);
    const std::lock_guard lock(mutex_);
    session_ = std::move(session);
    session_reconnects_ = shared_.standing.reconnects();
}

void Source::turn() {
    take_inbox();
    keep_session();
    session_->adjust(is_active_ && is_delivering_);
    session_->poll(wait_time());
    deliver();
    if (shared_.env.monotonic() >= next_commit_) {
        session_->commit(false);
        next_commit_ = shared_.env.monotonic() + kCommitInterval;
    }
    answer_consume();
    report();
}

int Source::wait_time() const {
    const auto now = shared_.env.now();
    if (may_deliver() && session_->backlog().has(now)) {
        return 0;
    }
    const auto due = session_->backlog().next_due();
    if (!due || !may_deliver()) {
        return kLongestWait;
    }
    return static_cast<int>(std::clamp<std::int64_t>((*due - now) / kMilli + 1, 0, kLongestWait));
}

bool Source::may_deliver() const {
    return is_active_ && is_delivering_ && !is_paused_ && !is_over_ &&
           session_->in_flight() < max_in_flight_ && moving_.size() < kMostMoving;
}

void Source::deliver() {
    Batch batch;
    for (std::uint64_t count = 0; count < kMostInBatch && may_deliver(); ++count) {
        const auto [token, incoming] = session_->take();
        if (incoming == nullptr) {
            break;
        }
        redelivered_ += incoming->message.attempt > 1 ? 1 : 0;
        batch.add(incoming->message, token);
    }
    if (!batch.empty()) {
        const auto& messages = batch.wire();
        deliver_(ctx_, messages.data(), messages.size());
    }
}

void Source::take_inbox() {
    Inbox inbox;
    {
        const std::lock_guard lock(mutex_);
        inbox = std::exchange(inbox_, {});
    }
    for (const auto& one : inbox.settled) {
        settle_one(one);
    }
    for (const auto& one : inbox.moved) {
        take_moved(one);
    }
    if (inbox.cancelled) {
        inbox.cancelled->ok();
    }
    if (inbox.drained) {
        is_delivering_ = false;
        drained_ = std::move(inbox.drained);
    }
    if (drained_ && session_->in_flight() == 0 && moving_.empty()) {
        std::exchange(drained_, nullptr)();
    }
    for (const auto& topic : inbox.gone) {
        session_->forsake(topic);
    }
    if (inbox.must_renew) {
        renew_session(inbox.made_again);
    }
    for (auto& one : inbox.stats) {
        answer_stats(std::move(one));
    }
}

void Source::keep_session() {
    const auto reconnects = shared_.standing.reconnects();
    if (!session_->is_broken() && session_reconnects_ == reconnects) {
        return;
    }
    if (shared_.env.monotonic() >= next_open_ && shared_.standing.is_up()) {
        renew_session({});
    }
}

// What is not settled comes again to the new one.
void Source::renew_session(const std::set<std::string>& made_again) {
    next_open_ = shared_.env.monotonic() + kReopenInterval;
    session_->close(shared_.standing.is_up());
    const bool is_reconnect = session_reconnects_ != shared_.standing.reconnects();
    renewals_ += is_reconnect ? 0 : 1;
    try {
        open_session(made_again);
    } catch (const sdk::Failure& failure) {
        shared_.env.log(sdk::Level::warning, "the group could not be joined",
                        {{"source", name_}, {"error", failure.what()}});
    }
}

void Source::answer_consume() {
    if (!consumed_) {
        return;
    }
    if (session_->stands()) {
        std::exchange(consumed_, std::nullopt)->ok();
    } else if (shared_.env.monotonic() >= consume_until_ || !session_->reason().empty()) {
        const auto reason = session_->reason();
        has_failed_ = true;
        is_active_ = false;
        std::exchange(consumed_, std::nullopt)
            ->fail(reason.empty() ? sdk::Status::unavailable : sdk::Status::refused,
                   "group " + settings_.group + ": " +
                       (reason.empty() ? "could not be joined in time" : reason));
    }
}

void Source::report() {
    std::string reason;
    {
        const std::lock_guard lock(mutex_);
        reason = missing_;
    }
    if (reason.empty()) {
        reason = session_->reason();
    }
    if (reason.empty()) {
        reason = letter_trouble_;
    }
    if (reason.empty() && !session_->stands()) {
        reason = "joins group " + settings_.group;
    }
    shared_.standing.set_source(name_, reason);
}

void Source::finish() {
    for (int turn = 0; session_ && !moving_.empty() && turn < kMovingTurns; ++turn) {
        settle_in_time();
    }
    if (session_) {
        settle_in_time();
        session_->close(shared_.standing.is_up());
    }
    shared_.standing.set_source(name_, "");
    if (consumed_) {
        std::exchange(consumed_, std::nullopt)
            ->fail(sdk::Status::closed, "the broker is being stopped");
    }
    if (drained_) {
        std::exchange(drained_, nullptr)();
    }
    Inbox inbox;
    {
        const std::lock_guard lock(mutex_);
        has_ended_ = true;
        session_.reset();
        inbox = std::exchange(inbox_, {});
    }
    is_active_ = false;
    if (inbox.cancelled) {
        inbox.cancelled->ok();
    }
    if (inbox.drained) {
        inbox.drained();
    }
    for (auto& one : inbox.stats) {
        answer_stats(std::move(one));
    }
}

}  // namespace belfry::kafka
