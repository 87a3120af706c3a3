/// What the broker says of a source, as metrics.
#pragma once

#include "daemon/base/metrics.hpp"
#include "daemon/base/time.hpp"
#include "daemon/plugin/broker.hpp"

#include <cstdint>
#include <string>

namespace belfry {

/// One thread.
class SourceMetrics {
public:
    SourceMetrics(Metrics& metrics, const std::string& source);

    /// `now`: wall clock.
    void update(const SourceStats& stats, Nanos now);
    /// Nothing is known at the moment.
    void disconnect() { connected_.Set(0); }
    void count_stall() { stalls_.Increment(); }

private:
    /// A count that the broker keeps, as a counter of ours.
    struct Mirror {
        prometheus::Counter& counter;
        std::uint64_t last = 0;
        void follow(std::uint64_t value);
    };

    prometheus::Gauge& connected_;
    prometheus::Gauge& lag_;
    prometheus::Gauge& oldest_;
    prometheus::Gauge& in_flight_;
    prometheus::Gauge& waiting_dead_;
    Mirror redelivered_;
    Mirror dead_;
    Mirror reconnects_;
    prometheus::Counter& stalls_;
};

}  // namespace belfry
