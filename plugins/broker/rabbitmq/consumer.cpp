// What comes: subscribing, receiving, delivering.
#include "plugins/broker/rabbitmq/consumer.hpp"

#include "plugins/broker/rabbitmq/table.hpp"

#include <algorithm>

namespace belfry::rabbitmq {

namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr std::uint64_t kMostPrefetch = 2'000;  // of quorum queues
constexpr std::size_t kMostInBatch = 64;
constexpr int kMostFrames = 1'024;  // read in one turn
/// A longer pause gives what waits here to others.
constexpr std::int64_t kLongPause = 5'000'000'000;

}  // namespace

Consumer::Consumer(SourceContext& context, std::uint64_t number)
    : context_(context), number_(number),
      connection_(context.shared.settings, "source " + context.name), probe_(connection_),
      delays_(context.shared.settings.prefix, context.settings, connection_.server_version()),
      backoff_(context.shared.env) {
    connection_.open_channel(kChannel);
    subscribe();
}

Consumer::~Consumer() {
    const std::int64_t now = context_.shared.env.monotonic();
    for (auto& held : held_.take_all()) {
        if (held.state != Held::State::ready) {
            context_.recall.keep(std::move(held.incoming), now);
        }
    }
}

void Consumer::subscribe() {
    const auto& shared = context_.shared;
    ensure(probe_, context_.settings, shared.place);
    const auto prefetch = std::min(context_.wire.max_in_flight, kMostPrefetch);
    amqp_basic_qos(connection_.get(), kChannel, 0, static_cast<std::uint16_t>(prefetch), 0);
    connection_.require(kChannel);
    const std::string tag = "belfry-" + std::to_string(++subscriptions_);
    amqp_basic_consume(connection_.get(), kChannel, bytes_of(context_.settings.queue),
                       bytes_of(tag), 0, 0, 0, amqp_empty_table);
    connection_.require(kChannel);
    is_subscribed_ = true;
    subscribe_at_ = 0;
    backoff_.succeeded();
    context_.shared.standing.clear("source " + context_.name);
}

void Consumer::unsubscribe() {
    if (is_subscribed_) {
        is_subscribed_ = false;
        const std::string tag = "belfry-" + std::to_string(subscriptions_);
        amqp_basic_cancel(connection_.get(), kChannel, bytes_of(tag));
        connection_.require(kChannel);
    }
    for (const auto tag : held_.give_back()) {
        reject(tag);
    }
}

void Consumer::read() {
    for (int count = 0; count < kMostFrames; ++count) {
        const auto frame = connection_.next();
        if (!frame) {
            return;
        }
        if (frame->channel == kChannel) {
            take(*frame);
        }
    }
}

void Consumer::take(const amqp_frame_t& frame) {
    if (Assembler::is_part(frame)) {
        if (auto content = assembler_.take(frame)) {
            take(std::move(*content));
        }
    } else if (frame.payload.method.id == AMQP_CHANNEL_CLOSE_METHOD) {
        throw connection_.closed_by(frame);
    } else if (frame.payload.method.id == AMQP_BASIC_CANCEL_METHOD) {
        cancelled(context_.shared.env.monotonic());
    }
}

void Consumer::take(Content content) {
    if (!is_subscribed_) {
        reject(content.tag);  // was on its way when the subscription ended
        return;
    }
    Incoming incoming = unwrap(std::move(content.message), content.redelivered, context_.settings);
    context_.recall.recognise(incoming, context_.shared.env.monotonic());
    if (incoming.coordinates.empty()) {
        incoming.coordinates = stamped(context_.settings.queue, context_.shared.next_stamp());
    }
    if (incoming.attempt > 1) {
        ++context_.redelivered;
        context_.redelivered_metric.add();
    }
    held_.add(content.tag, std::move(incoming));
}

void Consumer::cancelled(std::int64_t now) {
    if (!is_subscribed_) {
        return;
    }
    is_subscribed_ = false;
    subscribe_at_ = now;
    report(sdk::Health::degraded, "queue '" + context_.settings.queue +
                                      "': the broker has ended the subscription; the queue was"
                                      " deleted or cannot be reached");
}

bool Consumer::deliver() {
    if (!may_deliver()) {
        return false;
    }
    Batch batch;
    while (batch.size() < kMostInBatch && held_.in_flight() < context_.wire.max_in_flight) {
        const std::uint64_t token = context_.shared.next_token();
        const auto tag = held_.deliver_next(token);
        if (!tag) {
            break;
        }
        batch.add(held_.at(*tag)->incoming, token);
    }
    if (batch.size() == 0) {
        return false;
    }
    context_.delivered_metric.add(static_cast<double>(batch.size()));
    batch.deliver(context_.wire);
    return held_.ready() > 0;
}

void Consumer::work(std::int64_t now) {
    while (!returns_.empty() && returns_.begin()->first <= now) {
        const std::uint64_t tag = returns_.begin()->second;
        reject(tag);
        context_.recall.keep(std::move(held_.at(tag)->incoming), now);
        held_.gone(tag);
        returns_.erase(returns_.begin());
    }
    if (is_ended_) {
        return;
    }
    if (is_paused_ && now - paused_at_ >= kLongPause) {
        unsubscribe();
        return;
    }
    if (is_subscribed_ || now < subscribe_at_) {
        return;
    }
    try {
        subscribe();
    } catch (const sdk::Failure& failure) {
        subscribe_at_ = backoff_.failed();
        report(sdk::Health::degraded, failure.what());
    }
}

void Consumer::pause(bool paused) {
    if (paused && !is_paused_) {
        paused_at_ = context_.shared.env.monotonic();
    }
    is_paused_ = paused;
}

void Consumer::end() {
    is_ended_ = true;
    unsubscribe();
}

void Consumer::wait(const Wake& wake, std::int64_t patience) const {
    const std::int64_t now = context_.shared.env.monotonic();
    std::int64_t until = now + patience;
    if (!returns_.empty()) {
        until = std::min(until, returns_.begin()->first);
    }
    if (is_paused_ && is_subscribed_ && !is_ended_) {
        until = std::min(until, paused_at_ + kLongPause);
    }
    if (!is_subscribed_ && !is_paused_ && !is_ended_) {
        until = std::min(until, subscribe_at_);
    }
    connection_.wait(wake, until - now);
}

void Consumer::say_goodbye() { connection_.say_goodbye(); }

sdk::SourceStats Consumer::stats() {
    sdk::SourceStats stats;
    stats.connected = is_subscribed_ || is_paused_;
    if (const auto waiting = probe_.waiting(context_.settings.queue)) {
        stats.lag = *waiting + held_.ready();
    }
    stats.in_flight = held_.in_flight();
    stats.dead_letters = probe_.waiting(context_.settings.dead_letters).value_or(UINT64_MAX);
    return stats;
}

void Consumer::report(sdk::Health state, const std::string& what) {
    context_.shared.standing.set("source " + context_.name, state,
                                 "source " + context_.name + ": " + what);
    context_.shared.env.log(sdk::Level::warning, "source does not stand",
                            {{"source", context_.name}, {"reason", what}});
}

}  // namespace belfry::rabbitmq
