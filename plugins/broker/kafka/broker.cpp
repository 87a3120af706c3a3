#include "plugins/broker/kafka/broker.hpp"

#include <utility>

namespace belfry::kafka {

void Broker::publish(const bf_message& message, sdk::Done<> done) {
    expect_running();
    if (message.destination.len == 0) {
        throw sdk::Failure(sdk::Status::invalid, "destination: expected a topic");
    }
    Message copy(message);
    if (copy.destination.find('\0') != std::string::npos) {
        throw sdk::Failure(sdk::Status::not_found, "no topic has a NUL in its name");
    }
    if (copy.time == 0) {
        copy.time = env().now();
    }
    const auto shared_done = std::make_shared<sdk::Done<>>(std::move(done));
    shared_->publisher.publish(std::move(copy), [shared_done](const Verdict& verdict) {
        if (verdict.status == sdk::Status::ok) {
            shared_done->ok();
        } else {
            shared_done->fail(verdict.status, verdict.message, verdict.retry_after);
        }
    });
}

void Broker::consume(const bf_source& source, sdk::Done<> done) { begin(source, done); }

void Broker::begin(const bf_source& wire, sdk::Done<>& done) {
    const std::string name(sdk::view(wire.name));
    expect_running();
    if (name.empty() || wire.max_in_flight == 0) {
        throw sdk::Failure(sdk::Status::invalid, "a source needs a name and max_in_flight");
    }
    auto settings = parse_source(sdk::view(wire.config));
    if (!shared_->standing.is_up()) {
        throw sdk::Failure(sdk::Status::unavailable, shared_->standing.reason());
    }
    const std::lock_guard lock(mutex_);
    if (!is_running_ || is_draining_) {
        throw sdk::Failure(sdk::Status::closed, "the broker is not running");
    }
    auto& known = sources_[name];
    if (known && known->is_active()) {
        throw sdk::Failure(sdk::Status::conflict, "source " + name + " is there already");
    }
    auto previous =
        std::exchange(known, std::make_shared<Source>(*shared_, name, std::move(settings), wire));
    known->start(std::move(previous), std::move(done));
}

void Broker::cancel(std::string_view source, sdk::Done<> done) {
    const auto found = source_of(source);
    if (!found->is_active()) {
        throw sdk::Failure(sdk::Status::not_found, "no source " + std::string(source));
    }
    found->cancel(std::move(done));
}

void Broker::settle(std::string_view source, sdk::Array<bf_settlement> settlements) {
    if (const auto found = find(source)) {
        found->settle(settlements);
    }
}

void Broker::pause(std::string_view source, bool paused) {
    if (const auto found = find(source)) {
        found->pause(paused);
    }
}

void Broker::broadcast(std::uint32_t partition, sdk::Bytes message) {
    {
        const std::lock_guard lock(mutex_);
        if (!is_running_) {
            return;
        }
    }
    bus_->broadcast(partition, message);
}

void Broker::listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                    sdk::Done<> done) {
    expect_running();
    bus_->listen(partitions, listener, std::move(done));
}

void Broker::source_stats(std::string_view source, sdk::Done<sdk::SourceStats> done) {
    source_of(source)->stats(std::move(done));
}

void Broker::dead_letters(std::string_view source, std::uint64_t limit,
                          sdk::Done<sdk::DeadLetters> done) {
    const auto found = source_of(source);
    const auto shared_done = std::make_shared<sdk::Done<sdk::DeadLetters>>(std::move(done));
    shared_->clerk.post([found, limit, shared_done](bool is_live) {
        if (!is_live) {
            shared_done->fail(sdk::Status::closed, "the broker is being stopped");
            return;
        }
        try {
            const auto letters = found->grave()->list(limit);
            Batch batch;
            for (const auto& letter : letters) {
                batch.add(letter, 0);
            }
            shared_done->ok(sdk::DeadLetters{batch.wire()});
        } catch (const sdk::Failure& failure) {
            shared_done->fail(failure);
        }
    });
}

void Broker::replay(std::string_view source, std::uint64_t limit, std::int64_t before,
                    sdk::Done<sdk::Replayed> done) {
    const auto found = source_of(source);
    const auto shared_done = std::make_shared<sdk::Done<sdk::Replayed>>(std::move(done));
    shared_->clerk.post([found, limit, before, shared_done](bool is_live) {
        if (!is_live) {
            shared_done->fail(sdk::Status::closed, "the broker is being stopped");
            return;
        }
        try {
            shared_done->ok(sdk::Replayed{found->grave()->replay(limit, before)});
        } catch (const sdk::Failure& failure) {
            shared_done->fail(failure);
        }
    });
}

void Broker::expect_running() const {
    const std::lock_guard lock(mutex_);
    if (!is_running_) {
        throw sdk::Failure(sdk::Status::closed, "the broker is not running");
    }
}

Broker::SourcePtr Broker::source_of(std::string_view name) const {
    expect_running();
    auto found = find(name);
    if (!found || found->has_failed()) {
        throw sdk::Failure(sdk::Status::not_found, "no source " + std::string(name));
    }
    return found;
}

Broker::SourcePtr Broker::find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = sources_.find(name);
    return found == sources_.end() ? nullptr : found->second;
}

std::vector<Broker::SourcePtr> Broker::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<SourcePtr> sources;
    for (const auto& [name, source] : sources_) {
        sources.push_back(source);
    }
    return sources;
}

}  // namespace belfry::kafka
