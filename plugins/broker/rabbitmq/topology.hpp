/// What a source needs at the broker.
#pragma once

#include "plugins/broker/rabbitmq/probe.hpp"
#include "plugins/broker/rabbitmq/settings.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace belfry::rabbitmq {

/// Looks at, or declares, all of it. Throws Trouble where the connection is lost, else sdk::Failure
/// naming what is missing, differs or is not allowed.
void ensure(Probe& probe, const SourceSettings& settings, const std::string& place);

/// The queues in which messages wait for their next attempt: one for each length of delay, from
/// which RabbitMQ moves what has waited back to the source's queue. One thread, one connection.
class DelayQueues {
public:
    DelayQueues(const std::string& prefix, const SourceSettings& source,
                std::uint32_t server_version);

    /// The queue for `delay` (20 days at most), made where it is not there; the source's own for no
    /// delay. Throws Trouble.
    const std::string& prepare(Probe& probe, std::int64_t delay, std::int64_t now);

private:
    struct Queue {
        std::string name;
        std::int64_t declared_at = 0;
    };

    void declare(Probe& probe, const std::string& name, std::int64_t milliseconds) const;

    const std::string begin_;
    const std::string source_queue_;
    const bool is_quorum_;
    std::map<std::int64_t, Queue> queues_;  // by milliseconds
};

/// A delay that is not shorter, of few different ones: 1, 1.25, 1.6, 2 ... 10 times a power of ten.
[[nodiscard]] std::int64_t round_up(std::int64_t delay);

}  // namespace belfry::rabbitmq
