#include "plugins/broker/memory/broker.hpp"

#include "plugins/broker/memory/pattern.hpp"

#include <array>
#include <utility>

namespace belfry::memory {
namespace {

constexpr std::int64_t kRetryWhenFull = 100'000'000;

std::string random_text(const sdk::Env& env) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<std::uint8_t, 8> bytes{};
    env.random(bytes);
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 0xF];
    }
    return text;
}

}  // namespace

Broker::Broker(sdk::Env env, std::string_view /*name*/, std::string_view config)
    : sdk::Broker(env), settings_(parse_settings(config)),
      group_(join_group(settings_.group, random_text(env))),
      messages_(env.gauge("memory_messages", "Messages kept by the group")),
      bytes_(env.gauge("memory_bytes", "Bytes of messages kept by the group")),
      bus_lost_(env.counter("memory_bus_lost_total", "Bus messages lost to a full queue")),
      alarm_(env, [this] { pump(); }) {}

Broker::~Broker() {
    const std::lock_guard lock(group_->mutex);
    leave();
}

void Broker::publish(const bf_message& message, sdk::Done<> done) {
    if (!is_destination(sdk::view(message.destination))) {
        done.fail(sdk::Status::invalid, "destination: not the name of a destination");
        return;
    }
    Message copy(message);
    if (copy.time == 0) {
        copy.time = env().now();
    }
    if (copy.bytes() > settings_.limits.bytes) {
        done.fail(sdk::Status::invalid, "the message is larger than max_bytes");
        return;
    }
    std::unique_lock lock(group_->mutex);
    if (!is_serving()) {
        lock.unlock();
        done.fail(sdk::Status::closed, "the broker is not running");
        return;
    }
    const bool taken = group_->queues.publish(std::move(copy), settings_.limits);
    if (taken) {
        group_->wake_all();
        report();
    }
    lock.unlock();
    if (taken) {
        done.ok();
    } else {
        done.fail(sdk::Status::retry, "the broker is full", kRetryWhenFull);
    }
}

void Broker::consume(const bf_source& source, sdk::Done<> done) {
    try {
        begin(source);
    } catch (const sdk::Failure& failure) {
        done.fail(failure);
        return;
    }
    done.ok();
}

void Broker::begin(const bf_source& source) {
    const std::string name(sdk::view(source.name));
    if (source.max_in_flight == 0 || name.empty()) {
        throw sdk::Failure(sdk::Status::invalid, "a source needs a name and max_in_flight");
    }
    SourceSettings settings = parse_source(name, sdk::view(source.config));
    const std::lock_guard lock(group_->mutex);
    if (stage_ != Stage::running) {
        throw sdk::Failure(sdk::Status::closed, "the broker is not running");
    }
    auto& known = sources_[name];
    if (!known) {
        known = std::make_unique<Source>(name);
    } else if (known->active()) {
        throw sdk::Failure(sdk::Status::conflict, "source " + name + " is there already");
    }
    known->begin(*group_, source, std::move(settings));
    wake();
}

void Broker::cancel(std::string_view source, sdk::Done<> done) {
    std::unique_lock lock(group_->mutex);
    if (!is_serving()) {
        lock.unlock();
        done.fail(sdk::Status::closed, "the broker is not running");
        return;
    }
    Source* found = find(source);
    if (found == nullptr || !found->active()) {
        lock.unlock();
        done.fail(sdk::Status::not_found, "no source " + std::string(source));
        return;
    }
    found->end();
    complete_behind(std::move(done));
}

void Broker::settle(std::string_view source, sdk::Array<bf_settlement> settlements) {
    std::optional<sdk::Done<>> drained;
    {
        const std::lock_guard lock(group_->mutex);
        Source* found = find(source);
        if (found == nullptr || stage_ == Stage::stopped) {
            return;
        }
        const Clock clock{env().now(), env().monotonic()};
        for (const bf_settlement settlement : settlements) {
            found->settle(*group_, settlement, clock);
        }
        group_->wake_all();
        report();
        drained = take_drained();
    }
    if (drained) {
        drained->ok();
    }
}

void Broker::pause(std::string_view source, bool paused) {
    const std::lock_guard lock(group_->mutex);
    if (Source* found = find(source)) {
        found->pause(paused);
        group_->wake_all();
    }
}

void Broker::broadcast(std::uint32_t partition, sdk::Bytes message) {
    const auto text = std::make_shared<const std::string>(sdk::text_of(sdk::bytes_of(message)));
    const std::lock_guard lock(group_->mutex);
    if (!is_serving()) {
        return;
    }
    for (Member* member : group_->members) {
        member->offer(partition, text);
    }
}

void Broker::listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                    sdk::Done<> done) {
    std::unique_lock lock(group_->mutex);
    if (stage_ != Stage::running) {
        lock.unlock();
        done.fail(sdk::Status::closed, "the broker is not running");
        return;
    }
    ear_.listen(partitions, listener);
    complete_behind(std::move(done));
}

void Broker::source_stats(std::string_view source, sdk::Done<sdk::SourceStats> done) {
    std::unique_lock lock(group_->mutex);
    const sdk::SourceStats stats = source_of(source).stats();
    lock.unlock();
    done.ok(stats);
}

void Broker::dead_letters(std::string_view source, std::uint64_t limit,
                          sdk::Done<sdk::DeadLetters> done) {
    std::unique_lock lock(group_->mutex);
    const Batch batch = source_of(source).dead_letters(*group_, limit);
    lock.unlock();
    const auto messages = batch.wire();
    done.ok(sdk::DeadLetters{messages});
}

void Broker::replay(std::string_view source, std::uint64_t limit, std::int64_t before,
                    sdk::Done<sdk::Replayed> done) {
    std::unique_lock lock(group_->mutex);
    const std::uint64_t count = source_of(source).replay(*group_, limit, before);
    group_->wake_all();
    report();
    lock.unlock();
    done.ok(sdk::Replayed{count});
}

Source& Broker::source_of(std::string_view name) {
    if (!is_serving()) {
        throw sdk::Failure(sdk::Status::closed, "the broker is not running");
    }
    Source* found = find(name);
    if (found == nullptr) {
        throw sdk::Failure(sdk::Status::not_found, "no source " + std::string(name));
    }
    return *found;
}

Source* Broker::find(std::string_view name) {
    const auto found = sources_.find(name);
    return found == sources_.end() ? nullptr : found->second.get();
}

std::uint64_t Broker::in_flight() const {
    std::uint64_t sum = 0;
    for (const auto& [name, source] : sources_) {
        sum += source->in_flight();
    }
    return sum;
}

void Broker::report() const {
    messages_.set(static_cast<double>(group_->queues.messages()));
    bytes_.set(static_cast<double>(group_->queues.bytes()));
}

}  // namespace belfry::memory
