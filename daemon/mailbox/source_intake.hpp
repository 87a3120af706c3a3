/// Messages of a source on their way into the mailboxes.
#pragma once

#include "daemon/base/metrics.hpp"
#include "daemon/config/profile.hpp"
#include "daemon/mailbox/envelope.hpp"
#include "daemon/mailbox/mailbox.hpp"
#include "daemon/mailbox/rejection.hpp"
#include "daemon/plugin/broker.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace belfry {

/// Settles each message after its commit: stored or known -> acknowledged; of no use -> dead letter
/// with the reason; a failure that may pass and is not the storage's -> delivered again by the
/// source's schedule. On one executor.
///
/// While the storage is full or away nothing is settled: the broker is paused, the messages in hand
/// (at most what it has in flight) are kept, and the oldest is tried again, from 100 ms to 10 s
/// apart or as the storage asks. Once it is stored the others follow, and when none is left the
/// broker is resumed. What is in hand when the daemon closes stays unsettled, and the broker gives
/// it out again.
///
/// Order: messages are submitted in the order delivered, and none behind a known failure. Only what
/// was submitted before the failure was known may be stored ahead of the message that failed, where
/// a storage fails one commit and succeeds with the next; a full ingest queue never causes that.
class SourceIntake {
public:
    /// What is referred to outlives this, and this outlives `core`'s tasks.
    SourceIntake(Broker& broker, Mailbox& mailbox, Executor& core, std::string source,
                 config::EnvelopeSettings envelope, Metrics& metrics);

    void take(Message message);
    /// The broker has begun anew, and knows of no pause.
    void on_consumed();

    /// The broker is to deliver no more for now.
    [[nodiscard]] bool is_paused() const { return is_paused_; }
    /// Nothing is in hand.
    [[nodiscard]] bool is_empty() const { return waiting_.empty() && under_way_.empty(); }
    /// Grows with each message that comes and each that is settled.
    [[nodiscard]] std::uint64_t steps() const { return steps_; }

private:
    struct Held {
        std::uint64_t token = 0;
        Draft draft;
    };
    /// By the order of delivery.
    using HeldByNumber = std::map<std::uint64_t, Held>;
    enum class Phase {
        flowing,  ///< everything is submitted as it comes
        blocked,  ///< a failure is known; nothing is submitted
        probing,  ///< one at a time, until one is stored
    };

    void pump();
    [[nodiscard]] bool may_submit() const;
    void submit_oldest();
    void on_result(std::uint64_t number, const Result<Published>& published);
    void block(const Error& error);
    void probe_later();
    void set_paused(bool paused);
    void settle(std::uint64_t token, const Result<Published>& published);
    void bury(std::uint64_t token, const Rejected& rejected);
    void settle_soon(std::uint64_t token, Settlement::Outcome outcome, std::string reason);

    Broker& broker_;
    Mailbox& mailbox_;
    Executor& core_;
    const std::string source_;
    const EnvelopeReader envelope_;
    HeldByNumber waiting_, under_way_;
    std::vector<Settlement> settlements_;  ///< told the broker at the end of the turn
    std::uint64_t last_number_ = 0;
    std::uint64_t steps_ = 0;
    Phase phase_ = Phase::flowing;
    Nanos step_;             ///< the least time to the next probe
    Nanos asked_delay_ = 0;  ///< the most the failures since the last probe ask for
    bool is_paused_ = false;
    bool is_pumping_ = false;
    bool is_probe_due_ = false;
    prometheus::Counter& stored_;
    prometheus::Counter& duplicate_;
    prometheus::Counter& retried_;
    std::vector<prometheus::Counter*> dead_;  ///< by Rejection
    prometheus::Gauge& paused_;
};

}  // namespace belfry
