#include "daemon/mailbox/source_intake.hpp"

#include "daemon/base/log.hpp"

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

std::vector<prometheus::Counter*> dead_counters(Metrics& metrics, const std::string& source) {
    std::vector<prometheus::Counter*> counters;
    for (std::uint8_t why = 0; why < kRejections; ++why) {
        counters.push_back(&metrics.counter(
            "belfry_source_rejected_total", "Messages sent to the dead letters, by reason.",
            {{"source", source}, {"reason", std::string(name_of(Rejection{why}))}}));
    }
    return counters;
}

/// What becomes of a message that could not be stored.
enum class Fate : std::uint8_t {
    held,      ///< until the storage takes it
    buried,    ///< it never will be stored
    retried,   ///< what failed is not the storage
    unsettled  ///< the daemon is closing
};

Fate fate_of(const Error& error) {
    switch (error.code) {
        case Code::unavailable:
        case Code::retry:
        case Code::limited: return Fate::held;
        case Code::conflict:
        case Code::invalid:
        case Code::refused:
        case Code::too_large: return Fate::buried;
        case Code::closed: return Fate::unsettled;
        default: return Fate::retried;
    }
}

/// Without the event's id, which may come out of the payload.
std::string refusal_of(const Error& error) {
    return error.code == Code::conflict ? "an event of this id was stored before with other content"
                                        : error.message;
}

}  // namespace

SourceIntake::SourceIntake(Broker& broker, Mailbox& mailbox, Executor& core, std::string source,
                           config::EnvelopeSettings envelope, Metrics& metrics)
    : broker_(broker), mailbox_(mailbox), core_(core), source_(std::move(source)),
      envelope_(std::move(envelope), source_), step_(kFirstStep),
      stored_(outcome(metrics, source_, "stored")),
      duplicate_(outcome(metrics, source_, "duplicate")),
      retried_(outcome(metrics, source_, "retried")), dead_(dead_counters(metrics, source_)),
      paused_(metrics.gauge("belfry_source_paused",
                            "1 while the source is paused because the storage is full or away.",
                            {{"source", source_}})) {}

void SourceIntake::take(Message message) {
    ++steps_;
    const std::uint64_t token = message.token;
    auto draft = envelope_.read(std::move(message));
    if (!draft) {
        bury(token, draft.error());
        return;
    }
    waiting_.emplace(++last_number_, Held{token, std::move(*draft)});
    pump();
}

/// Submits what may be submitted. Results that come at once come from within, so it is a loop.
void SourceIntake::pump() {
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

bool SourceIntake::may_submit() const {
    return !waiting_.empty() &&
           (phase_ == Phase::flowing || (phase_ == Phase::probing && under_way_.empty()));
}

void SourceIntake::submit_oldest() {
    const std::uint64_t number = waiting_.begin()->first;
    const auto held = under_way_.insert(waiting_.extract(waiting_.begin())).position;
    mailbox_.publish(Draft(held->second.draft), [this, number](const Result<Published>& published) {
        on_result(number, published);
    });
}

void SourceIntake::on_result(std::uint64_t number, const Result<Published>& published) {
    auto held = under_way_.extract(number);
    if (!published && fate_of(published.error()) == Fate::held) {
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

void SourceIntake::block(const Error& error) {
    phase_ = Phase::blocked;
    asked_delay_ = std::max(asked_delay_, error.retry_after);
    if (!is_paused_) {
        log::warning("source paused", {{"source", source_}, {"reason", error.message}});
        set_paused(true);
    }
}

void SourceIntake::probe_later() {
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

void SourceIntake::set_paused(bool paused) {
    if (std::exchange(is_paused_, paused) == paused) {
        return;
    }
    paused_.Set(paused ? 1 : 0);
    if (!paused) {
        step_ = kFirstStep;
        log::info("source resumed", {{"source", source_}});
    }
    broker_.pause(source_, paused);
}

void SourceIntake::on_consumed() {
    if (is_paused_) {
        broker_.pause(source_, true);
    }
}

void SourceIntake::settle(std::uint64_t token, const Result<Published>& published) {
    if (published) {
        (published->duplicate ? duplicate_ : stored_).Increment();
        settle_soon(token, Settlement::Outcome::ok, {});
        return;
    }
    const Error& error = published.error();
    switch (fate_of(error)) {
        case Fate::buried: bury(token, {Rejection::refused, refusal_of(error)}); break;
        case Fate::retried:
            retried_.Increment();
            settle_soon(token, Settlement::Outcome::retry, error.message);
            break;
        case Fate::held:
        case Fate::unsettled: break;
    }
}

void SourceIntake::bury(std::uint64_t token, const Rejected& rejected) {
    dead_[static_cast<std::size_t>(rejected.why)]->Increment();
    std::string reason = to_reason(rejected);
    log::warning("message goes to the dead letters", {{"source", source_}, {"reason", reason}});
    settle_soon(token, Settlement::Outcome::dead, std::move(reason));
}

/// A commit settles many: the broker is told of them at once.
void SourceIntake::settle_soon(std::uint64_t token, Settlement::Outcome outcome,
                               std::string reason) {
    ++steps_;
    settlements_.push_back({outcome, token, 0, std::move(reason)});
    if (settlements_.size() == 1) {
        core_.post([this] { broker_.settle(source_, std::exchange(settlements_, {})); });
    }
}

}  // namespace belfry
