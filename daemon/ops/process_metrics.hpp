/// Metrics about the process itself.
#pragma once

#include "daemon/base/metrics.hpp"
#include "daemon/base/time.hpp"

namespace belfry::ops {

/// Names as Prometheus' client libraries have them. Any thread.
class ProcessMetrics {
public:
    /// Both outlive this; made when the process starts.
    ProcessMetrics(Metrics& metrics, const Clock& clock);
    /// Before printing.
    void update();

private:
    prometheus::Gauge& resident_;
    prometheus::Gauge& descriptors_;
    prometheus::Gauge& cpu_;
};

}  // namespace belfry::ops
