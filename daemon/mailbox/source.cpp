#include "daemon/mailbox/source.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/log.hpp"
#include "daemon/mailbox/event.hpp"

namespace belfry {
namespace {

prometheus::Counter& outcome(Metrics& metrics, const std::string& source, const char* name) {
    return metrics.counter("belfry_source_messages_total", "Messages from brokers by outcome.",
                           {{"source", source}, {"outcome", name}});
}

bool may_succeed_later(Code code) {
    return code == Code::unavailable || code == Code::retry || code == Code::closed ||
           code == Code::limited;
}

}  // namespace

Source::Source(Broker& broker, Mailbox& mailbox, Executor& core, SourceConfig config,
               Metrics& metrics)
    : broker_(broker), mailbox_(mailbox), core_(core), config_(std::move(config)),
      stored_(outcome(metrics, config_.name, "stored")),
      duplicate_(outcome(metrics, config_.name, "duplicate")),
      dead_(outcome(metrics, config_.name, "dead")),
      retried_(outcome(metrics, config_.name, "retried")) {}

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
    mailbox_.publish(std::move(*draft), [this, token](const Result<Published>& published) {
        settle(token, published);
    });
}

void Source::settle(std::uint64_t token, const Result<Published>& published) {
    Settlement settlement;
    settlement.token = token;
    if (published) {
        (published->duplicate ? duplicate_ : stored_).Increment();
    } else if (may_succeed_later(published.error().code)) {
        settlement.outcome = Settlement::Outcome::retry;
        settlement.delay = std::max(published.error().retry_after, kSecond);
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
