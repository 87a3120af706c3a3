// What becomes of a message: acknowledged, put off, buried.
#include "plugins/broker/rabbitmq/consumer.hpp"
#include "plugins/broker/rabbitmq/outgoing.hpp"

#include <utility>

namespace belfry::rabbitmq {

namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr std::int64_t kReturnAfter = 1'000'000'000;

}  // namespace

void Consumer::settle(const Settlement& settlement) {
    const auto tag = held_.find(settlement.token);
    if (!tag) {
        return;
    }
    switch (settlement.outcome) {
        case BF_SETTLED_OK: held_.done(*tag); break;
        case BF_SETTLED_DEAD:
            held_.settled(*tag, Held::State::moving);
            bury(*tag, settlement.reason, false);
            break;
        default: held_.settled(*tag, Held::State::moving); retry(*tag, settlement);
    }
}

void Consumer::retry(std::uint64_t tag, const Settlement& settlement) {
    const Incoming& incoming = held_.at(tag)->incoming;
    const Retries& retries = context_.settings.retries;
    if (incoming.attempt >= retries.limit) {
        bury(tag, std::to_string(incoming.attempt) + " attempts failed: " + settlement.reason,
             false);
        return;
    }
    const std::int64_t delay =
        settlement.delay > 0 ? round_up(settlement.delay) : delay_after(retries, incoming.attempt);
    const auto& shared = context_.shared;
    try {
        const auto& queue = delays_.prepare(probe_, delay, shared.env.monotonic());
        held_.at(tag)->reason = settlement.reason;
        move(retry_copy(incoming, context_.settings, queue, shared.settings.user),
             {number_, tag, false, false, {}});
    } catch (const Trouble& trouble) {
        if (trouble.kind != Trouble::Kind::channel) {
            throw;
        }
        return_later(tag, trouble.what());
    }
}

void Consumer::bury(std::uint64_t tag, std::string reason, bool bare) {
    Held& held = *held_.at(tag);
    held.reason = std::move(reason);
    const auto& shared = context_.shared;
    const Death death{context_.name, held.reason, shared.env.now(), shared.settings.user, bare};
    move(dead_letter(held.incoming, context_.settings, death), {number_, tag, true, bare, {}});
}

void Consumer::move(Message message, const Moved& moved) {
    context_.shared.publisher.publish(
        std::move(message),
        [moved, tell = context_.moved](const Verdict& verdict) {
            Moved result = moved;
            result.verdict = verdict;
            tell(std::move(result));
        },
        false);
}

void Consumer::take(Moved moved) {
    Held* held = moved.consumer == number_ ? held_.at(moved.tag) : nullptr;
    if (held == nullptr || held->state != Held::State::moving) {
        return;  // of a connection that was lost: it comes again
    }
    switch (moved.verdict.status) {
        case sdk::Status::ok:
            if (moved.to_dead) {
                ++context_.dead;
            }
            (moved.to_dead ? context_.dead_metric : context_.retried_metric).add();
            held_.done(moved.tag);
            if (std::exchange(is_moving_refused_, false) && is_subscribed_) {
                context_.shared.standing.clear("source " + context_.name);
            }
            break;
        case sdk::Status::invalid:
            if (!moved.bare) {
                bury(moved.tag, held->reason + " (" + moved.verdict.message + ")", moved.to_dead);
                break;
            }
            [[fallthrough]];
        default: return_later(moved.tag, moved.verdict.message);
    }
}

void Consumer::return_later(std::uint64_t tag, const std::string& why) {
    held_.at(tag)->state = Held::State::waiting;
    returns_.emplace(context_.shared.env.monotonic() + kReturnAfter, tag);
    if (!std::exchange(is_moving_refused_, true)) {
        report(sdk::Health::degraded, "messages can neither be put off nor buried: " + why);
    }
}

void Consumer::reject(std::uint64_t tag) {
    Connection::require_sent(amqp_basic_reject(connection_.get(), kChannel, tag, 1));
}

void Consumer::acknowledge() {
    for (const auto& ack : held_.take_acks()) {
        Connection::require_sent(
            amqp_basic_ack(connection_.get(), kChannel, ack.tag, ack.multiple ? 1 : 0));
    }
}

}  // namespace belfry::rabbitmq
