#include "plugins/broker/kafka/source.hpp"

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

// What was read of a topic that has gone is given up before there is a new one: else an offset of
// the former could be committed for the new one, and hide what is before it there.
void Source::inspect() {
    std::string trouble;
    const auto missing = find_missing(trouble);
    if (!missing.empty()) {
        {
            const std::lock_guard lock(mutex_);
            for (const auto& topic : missing) {
                inbox_.gone.push_back(topic.name);
            }
        }
        wake();
    }
    if (settings_.declares) {
        make_missing(missing, trouble);
    }
    std::set<std::string> made_again;
    for (const auto& topic : missing) {
        lost_.insert(topic.name);
    }
    if (trouble.empty()) {
        made_again.swap(lost_);
    }
    {
        const std::lock_guard lock(mutex_);
        missing_ = trouble;
        inbox_.must_renew = inbox_.must_renew || !made_again.empty() ||
                            (trouble.empty() && session_ && session_->misses_topic());
        inbox_.made_again.merge(made_again);
    }
    wake();
}

std::vector<NewTopic> Source::find_missing(std::string& trouble) {
    std::vector<NewTopic> missing;
    const auto before = std::exchange(suspects_, {});
    for (const auto& topic : topics_of(settings_)) {
        try {
            if (!is_over_ && count_partitions(shared_.watch.handle(), topic.name) == 0) {
                suspects_.insert(topic.name);
                if (before.contains(topic.name)) {
                    missing.push_back(topic);
                }
                trouble = "topic " + topic.name + " is not there";
            }
        } catch (const sdk::Failure& failure) {
            trouble = failure.what();
        }
    }
    return missing;
}

void Source::make_missing(const std::vector<NewTopic>& missing, std::string& trouble) {
    if (missing.empty()) {
        return;
    }
    try {
        for (const auto& topic : missing) {
            create_topic(shared_.watch.handle(), topic);
        }
        trouble.clear();
    } catch (const sdk::Failure& failure) {
        trouble = failure.what();
    }
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
        } catch (const sdk::Failure& failure) {
            // What could not be asked stays unknown.
            shared_.env.log(sdk::Level::debug, "statistics are not complete",
                            {{"source", name_}, {"error", failure.what()}});
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
