// The part of the broker that runs on the instance's executor, and the life cycle around it.
#include "plugins/broker/memory/broker.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace belfry::memory {

void Broker::start(sdk::Done<> done) {
    {
        const std::lock_guard lock(group_->mutex);
        stage_ = Stage::running;
        is_member_ = true;
        group_->members.push_back(this);
    }
    env().health(sdk::Health::ok);
    done.ok();
}

void Broker::drain(std::int64_t deadline, sdk::Done<> done) {
    {
        const std::lock_guard lock(group_->mutex);
        stage_ = Stage::draining;
        if (in_flight() > 0) {
            drained_ = std::move(done);
            drain_until_ = env().monotonic() + (deadline - env().now());
            wake();
            return;
        }
    }
    done.ok();
}

void Broker::stop(sdk::Done<> done) {
    std::optional<sdk::Done<>> drained;
    {
        const std::lock_guard lock(group_->mutex);
        leave();
        drained = std::exchange(drained_, std::nullopt);
    }
    if (drained) {
        drained->ok();
    }
    // Behind everything that was posted before; nothing is from now on.
    const auto last = std::make_shared<sdk::Done<>>(std::move(done));
    env().post([this, last] { alarm_.end([last] { last->ok(); }); });
}

void Broker::leave() {
    stage_ = Stage::stopped;
    if (!std::exchange(is_member_, false)) {
        return;
    }
    std::erase(group_->members, static_cast<Member*>(this));
    for (const auto& [name, source] : sources_) {
        source->end();
        source->give_back();
    }
    ear_.close();
    group_->wake_all();
}

void Broker::wake() {
    if (!is_serving() || std::exchange(pump_posted_, true)) {
        return;
    }
    env().host()->post(env().handle(), this, [](void* self, std::uint32_t /*is_live*/) {
        static_cast<Broker*>(self)->pump();
    });
}

void Broker::offer(std::uint32_t partition, const std::shared_ptr<const std::string>& message) {
    if (!ear_.offer(partition, message)) {
        bus_lost_.add();
    }
    if (ear_.has_waiting()) {
        wake();
    }
}

void Broker::pump() {
    {
        const std::lock_guard lock(group_->mutex);
        pump_posted_ = false;
    }
    hear_all();
    if (deliver_round()) {
        const std::lock_guard lock(group_->mutex);
        wake();
    }
    set_alarm();
}

void Broker::hear_all() {
    std::unique_lock lock(group_->mutex);
    const auto messages = ear_.take();
    const sdk::Listener listener = ear_.listener();
    lock.unlock();
    for (const auto& [partition, message] : messages) {
        listener.hear(listener.ctx, partition, sdk::bytes_of(*message));
    }
}

bool Broker::deliver_round() {
    std::vector<Source*> sources;
    {
        const std::lock_guard lock(group_->mutex);
        for (const auto& [name, source] : sources_) {
            sources.push_back(source.get());
        }
    }
    bool delivered = false;
    for (Source* source : sources) {
        std::unique_lock lock(group_->mutex);
        if (stage_ != Stage::running) {
            break;
        }
        const Batch batch = source->take(*group_, env().monotonic());
        const bf_source to = source->wire();
        lock.unlock();
        if (!batch.empty()) {
            const auto messages = batch.wire();
            to.deliver(to.ctx, messages.data(), messages.size());
            delivered = true;
        }
    }
    return delivered;
}

void Broker::set_alarm() {
    std::optional<std::int64_t> next;
    std::optional<sdk::Done<>> drained;
    {
        const std::lock_guard lock(group_->mutex);
        if (stage_ == Stage::stopped) {
            return;  // the alarm is being ended
        }
        drained = take_drained();
        if (drained_) {
            next = drain_until_;
        }
        for (const auto& [name, source] : sources_) {
            const auto due = stage_ == Stage::running ? source->next_due() : std::nullopt;
            if (due && (!next || *due < *next)) {
                next = due;
            }
        }
    }
    alarm_.set(next);
    if (drained) {
        drained->ok();
    }
}

void Broker::complete_behind(sdk::Done<> done) {
    const auto shared = std::make_shared<sdk::Done<>>(std::move(done));
    env().post([shared] { shared->ok(); });
}

std::optional<sdk::Done<>> Broker::take_drained() {
    if (!drained_ || (in_flight() > 0 && env().monotonic() < drain_until_)) {
        return std::nullopt;
    }
    return std::exchange(drained_, std::nullopt);
}

}  // namespace belfry::memory
