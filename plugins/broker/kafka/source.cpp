#include "plugins/broker/kafka/source.hpp"

#include "plugins/broker/kafka/topics.hpp"

#include <algorithm>
#include <utility>

namespace belfry::kafka {

Source::Source(Shared& shared, std::string name, SourceSettings settings, const bf_source& wire)
    : shared_(shared), name_(std::move(name)), settings_(std::move(settings)),
      max_in_flight_(wire.max_in_flight), ctx_(wire.ctx), deliver_(wire.deliver),
      grave_(std::make_shared<Grave>(shared, name_, settings_)) {}

Source::~Source() {
    stop();
    join();
}

void Source::start(std::shared_ptr<Source> previous, sdk::Done<> done) {
    consumed_ = std::move(done);
    const std::lock_guard lock(mutex_);
    thread_ = std::thread([this, previous = std::move(previous)] { run(previous); });
}

void Source::settle(sdk::Array<bf_settlement> settlements) {
    {
        const std::lock_guard lock(mutex_);
        for (const bf_settlement one : settlements) {
            inbox_.settled.push_back(
                {one.token, one.outcome, one.delay, std::string(sdk::view(one.reason))});
        }
    }
    wake();
}

void Source::pause(bool paused) {
    is_paused_ = paused;
    wake();
}

void Source::cancel(sdk::Done<> done) {
    is_active_ = false;
    std::unique_lock lock(mutex_);
    if (has_ended_) {
        lock.unlock();
        done.ok();
        return;
    }
    inbox_.cancelled = std::move(done);
    lock.unlock();
    wake();
}

void Source::drain(Drained drained) {
    std::unique_lock lock(mutex_);
    if (has_ended_) {
        lock.unlock();
        drained();
        return;
    }
    inbox_.drained = std::move(drained);
    lock.unlock();
    wake();
}

void Source::stats(sdk::Done<sdk::SourceStats> done) {
    std::unique_lock lock(mutex_);
    if (has_ended_) {
        lock.unlock();
        answer_stats(std::move(done));
        return;
    }
    inbox_.stats.push_back(std::move(done));
    lock.unlock();
    wake();
}

void Source::inspect() {
    std::string missing;
    bool was_made = false;
    for (const auto& topic : topics_of(settings_)) {
        try {
            if (is_over_ || count_partitions(shared_.watch.handle(), topic.name) > 0) {
                continue;
            }
            missing = "topic " + topic.name + " is not there";
            if (settings_.declares) {
                create_topic(shared_.watch.handle(), topic);
                was_made = true;
            }
        } catch (const sdk::Failure& failure) {
            missing = failure.what();
        }
    }
    {
        const std::lock_guard lock(mutex_);
        const bool is_healed = missing.empty() && !missing_.empty();
        inbox_.must_renew = inbox_.must_renew || is_healed || was_made ||
                            (missing.empty() && session_ && session_->misses_topic());
        missing_ = was_made ? std::string() : missing;
    }
    wake();
}

void Source::stop() {
    is_over_ = true;
    is_active_ = false;
    wake();
}

void Source::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Source::wake() {
    const std::lock_guard lock(mutex_);
    changed_.notify_one();
    if (session_) {
        session_->yield();
    }
}

// The broker is asked by the clerk: the thread of the source must not wait.
void Source::answer_stats(sdk::Done<sdk::SourceStats> done) {
    sdk::SourceStats stats;
    stats.redelivered = redelivered_;
    stats.dead = dead_;
    stats.reconnects = shared_.standing.reconnects() + renewals_;
    std::vector<std::pair<Place, std::int64_t>> positions;
    std::uint64_t waiting = 0;
    if (session_) {
        stats.connected = session_->stands() && shared_.standing.is_up();
        stats.in_flight = session_->in_flight();
        stats.oldest = session_->backlog().oldest();
        positions = session_->positions();
        waiting = session_->backlog().count();
    }
    const auto shared_done = std::make_shared<sdk::Done<sdk::SourceStats>>(std::move(done));
    shared_.clerk.post([this, self = shared_from_this(), stats, positions, waiting,
                        shared_done](bool is_live) mutable {
        if (!is_live) {
            shared_done->fail(sdk::Status::closed, "the broker is being stopped");
            return;
        }
        try {
            if (stats.connected) {
                stats.lag = waiting + unread(positions);
            }
            if (shared_.standing.is_up()) {
                stats.dead_letters = grave_->count();
            }
        } catch (const sdk::Failure&) {
            // Unknown, as it was.
        }
        shared_done->ok(stats);
    });
}

std::uint64_t Source::unread(const std::vector<std::pair<Place, std::int64_t>>& positions) const {
    std::int64_t sum = 0;
    for (const auto& [place, next] : positions) {
        const auto extent = extent_of(shared_.watch.handle(), place.first, place.second);
        sum += std::max<std::int64_t>(extent.high - std::max(next, extent.low), 0);
    }
    return static_cast<std::uint64_t>(sum);
}

}  // namespace belfry::kafka
