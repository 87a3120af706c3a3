#include "daemon/mailbox/source.hpp"

#include "daemon/base/log.hpp"
#include "daemon/mailbox/event.hpp"

#include <algorithm>
#include <utility>

namespace belfry {
namespace {

prometheus::Counter& outcome(Metrics& metrics, const std::string& source, const char* name) {
    return metrics.counter("belfry_source_messages_total", "Messages from brokers by outcome.",
                           {{"source", source}, {"outcome", name}});
}

constexpr Nanos kFirstStep = 100 * kMillisecond;
constexpr Nanos kLongestStep = 10 * kSecond;

bool may_succeed_later(const Result<Published>& published) {
    if (published) {
        return false;
    }
    const Code code = published.error().code;
    return code == Code::unavailable || code == Code::retry || code == Code::limited;
}

}  // namespace

Source::Source(Broker& broker, Mailbox& mailbox, Executor& core, SourceConfig config,
               Metrics& metrics)
    : broker_(broker), mailbox_(mailbox), core_(core), config_(std::move(config)),
      step_(kFirstStep), stored_(outcome(metrics, config_.name, "stored")),
      duplicate_(outcome(metrics, config_.name, "duplicate")),
      dead_(outcome(metrics, config_.name, "dead")),
      retried_(outcome(metrics, config_.name, "retried")),
      paused_(metrics.gauge("belfry_source_paused",
                            "1 while the source is paused because the storage is full or away.",
                            {{"source", config_.name}})) {}

void Source::start(Callback<> done) {
    broker_.consume(
        config_, core_,
        [this](std::vector<Message> messages) {
            for (Message& message : messages) {
                take(std::move(message));
            }
        },
        std::move(done));
}

void Source::stop(Callback<> done) { broker_.cancel(config_.name, core_, std::move(done)); }

void Source::take(Message message) {
    const std::uint64_t token = message.token;
    auto draft = draft_from(event_from(std::move(message), config_.name));
    if (!draft) {
        settle(token, std::unexpected(draft.error()));
        return;
    }
    waiting_.emplace(++last_number_, Held{token, std::move(*draft)});
    pump();
}

/// Submits what may be submitted. Results that come at once come from within, so it is a loop.
void Source::pump() {
    if (is_pumping_) {
        return;
    }
    is_pumping_ = true;
    while (may_submit()) {
        submit_oldest();
    }
    is_pumping_ = false;
    if (!under_way_.empty()) {
        return;
    }
    if (waiting_.empty()) {
        phase_ = Phase::flowing;
        set_paused(false);
    } else {
        probe_later();
    }
}

bool Source::may_submit() const {
    return !waiting_.empty() &&
           (phase_ == Phase::flowing || (phase_ == Phase::probing && under_way_.empty()));
}

void Source::submit_oldest() {
    const std::uint64_t number = waiting_.begin()->first;
    const auto held = under_way_.insert(waiting_.extract(waiting_.begin())).position;
    mailbox_.publish(Draft(held->second.draft), [this, number](const Result<Published>& published) {
        on_result(number, published);
    });
}

void Source::on_result(std::uint64_t number, const Result<Published>& published) {
    auto held = under_way_.extract(number);
    if (may_succeed_later(published)) {
        waiting_.insert(std::move(held));
        block(published.error());
    } else {
        settle(held.mapped().token, published);
        if (published && phase_ == Phase::probing) {
            phase_ = Phase::flowing;
            step_ = kFirstStep;
        }
    }
    pump();
}

void Source::block(const Error& error) {
    phase_ = Phase::blocked;
    asked_delay_ = std::max(asked_delay_, error.retry_after);
    if (!is_paused_) {
        log::warning("source paused", {{"source", config_.name}, {"reason", error.message}});
        set_paused(true);
    }
}

void Source::probe_later() {
    if (std::exchange(is_probe_due_, true)) {
        return;
    }
    const Nanos delay = std::max(step_, std::exchange(asked_delay_, 0));
    step_ = std::min(2 * step_, kLongestStep);
    core_.after(delay, [this] {
        is_probe_due_ = false;
        phase_ = Phase::probing;
        pump();
    });
}

void Source::set_paused(bool paused) {
    if (std::exchange(is_paused_, paused) == paused) {
        return;
    }
    paused_.Set(paused ? 1 : 0);
    if (!paused) {
        step_ = kFirstStep;
        log::info("source resumed", {{"source", config_.name}});
    }
    broker_.pause(config_.name, paused);
}

void Source::settle(std::uint64_t token, const Result<Published>& published) {
    Settlement settlement;
    settlement.token = token;
    if (published) {
        (published->duplicate ? duplicate_ : stored_).Increment();
    } else if (published.error().code == Code::closed) {
        settlement.outcome = Settlement::Outcome::retry;
        settlement.delay = kSecond;
        retried_.Increment();
    } else {
        settlement.outcome = Settlement::Outcome::dead;
        settlement.reason = published.error().message;
        dead_.Increment();
        log::warning("message goes to the dead letters",
                     {{"source", config_.name}, {"reason", settlement.reason}});
    }
    broker_.settle(config_.name, {&settlement, 1});
}

}  // namespace belfry
