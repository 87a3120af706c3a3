/// Metrics in the Prometheus way.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>

namespace belfry {

using MetricLabels = std::map<std::string, std::string>;

/// Makes metrics and prints them. The same name and labels give the same metric, which lives as
/// long as this. Changing a metric is lock-free; making one takes a lock. Any thread.
class Metrics {
public:
    Metrics();

    prometheus::Counter& counter(const std::string& name, const std::string& help,
                                 const MetricLabels& labels = {});
    prometheus::Gauge& gauge(const std::string& name, const std::string& help,
                             const MetricLabels& labels = {});
    /// Of seconds, in buckets from 1 ms to 60 s.
    prometheus::Histogram& seconds(const std::string& name, const std::string& help,
                                   const MetricLabels& labels = {});
    /// The text exposition format, version 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    std::unique_ptr<prometheus::Registry> registry_;
};

}  // namespace belfry
