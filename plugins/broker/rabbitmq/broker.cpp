#include "plugins/broker/rabbitmq/broker.hpp"

#include "plugins/broker/rabbitmq/outgoing.hpp"

#include <algorithm>
#include <utility>

namespace belfry::rabbitmq {

/// Completes when all sources have told that nothing is in flight, or at the deadline.
class Broker::Drain {
public:
    Drain(std::size_t sources, sdk::Done<> done) : left_(sources + 1), done_(std::move(done)) {}

    void one_less() {
        std::unique_lock lock(mutex_);
        if (--left_ == 0) {
            lock.unlock();
            complete();
        }
    }
    void complete() {
        std::unique_lock lock(mutex_);
        auto done = std::exchange(done_, std::nullopt);
        lock.unlock();
        if (done) {
            done->ok();
        }
    }

private:
    std::mutex mutex_;
    std::size_t left_;
    std::optional<sdk::Done<>> done_;
};

Broker::Broker(sdk::Env env, std::string_view /*name*/, std::string_view config)
    : sdk::Broker(env), shared_(env, parse_settings(config)), bus_(shared_), clerk_(shared_) {}

Broker::~Broker() {
    if (life_.joinable()) {
        life_.join();
    } else {
        end();
    }
}

void Broker::start(sdk::Done<> done) {
    {
        const std::lock_guard lock(mutex_);
        is_running_ = true;
    }
    shared_.publisher.start(std::move(done));
}

void Broker::drain(std::int64_t deadline, sdk::Done<> done) {
    const auto sources = all();
    {
        const std::lock_guard lock(mutex_);
        is_draining_ = true;
    }
    drain_ = std::make_shared<Drain>(sources.size(), std::move(done));
    env().after(std::max<std::int64_t>(deadline - env().now(), 0),
                [drain = drain_] { drain->complete(); });
    for (const auto& source : sources) {
        source->drain([drain = drain_] { drain->one_less(); });
    }
    drain_->one_less();
}

void Broker::stop(sdk::Done<> done) {
    life_ = std::thread([this, done = std::move(done)]() mutable {
        end();
        done.ok();
    });
}

// The sources first: their last dead letters go through the publisher.
void Broker::end() {
    {
        const std::lock_guard lock(mutex_);
        is_running_ = false;
    }
    const auto sources = all();
    for (const auto& source : sources) {
        source->stop();
    }
    for (const auto& source : sources) {
        source->join();
    }
    bus_.stop();
    clerk_.stop();
    shared_.publisher.stop();
    clerk_.join();
    if (drain_ != nullptr) {
        drain_->complete();
    }
}

sdk::Applied Broker::apply(std::string_view config) {
    return parse_settings(config) == shared_.settings ? sdk::Applied::applied
                                                      : sdk::Applied::restart;
}

void Broker::publish(const bf_message& message, sdk::Done<> done) {
    Message copy;
    try {
        copy = make_message(message, shared_.next_stamp(), shared_.settings.user);
    } catch (const sdk::Failure& failure) {
        done.fail(failure);
        return;
    }
    shared_.publisher.publish(
        std::move(copy),
        [done = std::move(done)](const Verdict& verdict) mutable {
            if (verdict.status == sdk::Status::ok) {
                done.ok();
            } else {
                done.fail(verdict.status, verdict.message, verdict.retry_after);
            }
        },
        true);
}

void Broker::consume(const bf_source& source, sdk::Done<> done) {
    SourcePtr added;
    try {
        added = add_source(source);
    } catch (const sdk::Failure& failure) {
        done.fail(failure);
        return;
    }
    added->start(std::move(done));
}

Broker::SourcePtr Broker::add_source(const bf_source& wire) {
    const std::string name(sdk::view(wire.name));
    if (name.empty() || wire.max_in_flight == 0) {
        throw sdk::Failure(sdk::Status::invalid, "a source needs a name and max_in_flight");
    }
    auto settings = parse_source(sdk::view(wire.config));
    const std::lock_guard lock(mutex_);
    if (!is_running_ || is_draining_) {
        throw sdk::Failure(sdk::Status::closed, shared_.place + ": is not running");
    }
    auto& known = sources_[name];
    std::erase_if(known, [](const SourcePtr& one) { return one->has_ended(); });
    if (std::ranges::any_of(known, [](const SourcePtr& one) { return one->is_active(); })) {
        throw sdk::Failure(sdk::Status::conflict, "source " + name + " is there already");
    }
    return known.emplace_back(std::make_shared<Source>(shared_, name, std::move(settings), wire));
}

void Broker::cancel(std::string_view source, sdk::Done<> done) {
    const auto found = find(source, done);
    if (found != nullptr && found->is_active()) {
        found->cancel(std::move(done));
    } else {
        done.fail(sdk::Status::not_found, "source " + std::string(source) + " is not active");
    }
}

void Broker::settle(std::string_view source, sdk::Array<bf_settlement> settlements) {
    std::vector<SourcePtr> sources;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = sources_.find(source); found != sources_.end()) {
            sources = found->second;
        }
    }
    for (const auto& one : sources) {
        one->settle(settlements);
    }
}

void Broker::pause(std::string_view source, bool paused) {
    const auto found = find(source);
    if (found != nullptr && found->is_active()) {
        found->pause(paused);
    }
}

void Broker::broadcast(std::uint32_t partition, sdk::Bytes message) {
    if (is_running()) {
        bus_.broadcast(partition, message);
    }
}

void Broker::listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                    sdk::Done<> done) {
    if (is_running()) {
        bus_.listen(partitions, listener, std::move(done));
    } else {
        done.fail(sdk::Status::closed, shared_.place + ": is not running");
    }
}

void Broker::source_stats(std::string_view source, sdk::Done<sdk::SourceStats> done) {
    if (const auto found = find(source, done)) {
        found->stats(std::move(done));
    }
}

void Broker::dead_letters(std::string_view source, std::uint64_t limit,
                          sdk::Done<sdk::DeadLetters> done) {
    if (const auto found = find(source, done)) {
        clerk_.list(found->settings(), limit, std::move(done));
    }
}

void Broker::replay(std::string_view source, std::uint64_t limit, std::int64_t before,
                    sdk::Done<sdk::Replayed> done) {
    if (const auto found = find(source, done)) {
        clerk_.replay(found->settings(), limit, before, std::move(done));
    }
}

Broker::SourcePtr Broker::find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = sources_.find(name);
    if (found == sources_.end()) {
        return nullptr;
    }
    const auto& known = found->second;
    const auto newest = std::find_if(known.rbegin(), known.rend(),
                                     [](const SourcePtr& one) { return !one->has_failed(); });
    return newest == known.rend() ? nullptr : *newest;
}

template <class Value>
Broker::SourcePtr Broker::find(std::string_view name, sdk::Done<Value>& done) const {
    auto found = find(name);
    if (!is_running()) {
        done.fail(sdk::Status::closed, shared_.place + ": is not running");
        return nullptr;
    }
    if (found == nullptr) {
        done.fail(sdk::Status::not_found, "no source " + std::string(name));
    }
    return found;
}

bool Broker::is_running() const {
    const std::lock_guard lock(mutex_);
    return is_running_;
}

std::vector<Broker::SourcePtr> Broker::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<SourcePtr> sources;
    for (const auto& [name, known] : sources_) {
        sources.insert(sources.end(), known.begin(), known.end());
    }
    return sources;
}

}  // namespace belfry::rabbitmq
