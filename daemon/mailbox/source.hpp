/// A durable consumption from a broker into the mailboxes.
#pragma once

#include "daemon/base/metrics.hpp"
#include "daemon/mailbox/mailbox.hpp"
#include "daemon/plugin/broker.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace belfry {

/// Settles each message after its commit: stored or known -> acknowledged; of no use -> dead letter
/// with the reason; daemon closing -> again, later. On one executor.
///
/// While the storage is full or away nothing is settled: the broker is paused, the messages in hand
/// (at most what it has in flight) are kept, and the oldest is tried again, from 100 ms to 10 s
/// apart or as the storage asks. Once it is stored the others follow, and when none is left the
/// broker is resumed. What is in hand when the executor ends stays unsettled, and the broker gives
/// it out again.
///
/// Order: messages are submitted in the order delivered, and none behind a known failure. Only what
/// was submitted before the failure was known may be stored ahead of the message that failed, where
/// a storage fails one commit and succeeds with the next; a full ingest queue never causes that.
class Source {
public:
    /// `broker`, `mailbox` and `core` outlive this; this outlives the subscription and `core`'s
    /// tasks.
    Source(Broker& broker, Mailbox& mailbox, Executor& core, SourceConfig config, Metrics& metrics);

    void start(Callback<> done);
    /// No further message is taken; `done` runs when the broker has said so.
    void stop(Callback<> done);

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

    void take(Message message);
    void pump();
    [[nodiscard]] bool may_submit() const;
    void submit_oldest();
    void on_result(std::uint64_t number, const Result<Published>& published);
    void block(const Error& error);
    void probe_later();
    void set_paused(bool paused);
    void settle(std::uint64_t token, const Result<Published>& published);

    Broker& broker_;
    Mailbox& mailbox_;
    Executor& core_;
    const SourceConfig config_;
    HeldByNumber waiting_, under_way_;
    std::uint64_t last_number_ = 0;
    Phase phase_ = Phase::flowing;
    Nanos step_;             ///< the least time to the next probe
    Nanos asked_delay_ = 0;  ///< the most the failures since the last probe ask for
    bool is_paused_ = false;
    bool is_pumping_ = false;
    bool is_probe_due_ = false;
    prometheus::Counter& stored_;
    prometheus::Counter& duplicate_;
    prometheus::Counter& dead_;
    prometheus::Counter& retried_;
    prometheus::Gauge& paused_;
};

}  // namespace belfry
