/// A durable consumption from a broker into the mailboxes.
#pragma once

#include <string>

#include "daemon/base/metrics.hpp"
#include "daemon/mailbox/mailbox.hpp"
#include "daemon/plugin/broker.hpp"

namespace belfry {

/// Settles each message after its commit: stored or known -> acknowledged; of no use -> dead letter with
/// the reason; storage full or away -> again, later. On one executor.
class Source {
public:
    /// `broker`, `mailbox` and `core` outlive this, and this outlives the subscription.
    Source(Broker& broker, Mailbox& mailbox, Executor& core, SourceConfig config, Metrics& metrics);

    void start(Callback<> done);
    /// No further message is taken; `done` runs when the broker has said so.
    void stop(Callback<> done);

private:
    void take(Message message);
    void settle(std::uint64_t token, const Result<Published>& published);

    Broker& broker_;
    Mailbox& mailbox_;
    Executor& core_;
    const SourceConfig config_;
    prometheus::Counter& stored_;
    prometheus::Counter& duplicate_;
    prometheus::Counter& dead_;
    prometheus::Counter& retried_;
};

}  // namespace belfry
