/// The metrics a plugin instance makes: the daemon's side of bf_metric.
#pragma once

#include "daemon/base/metrics.hpp"
#include "daemon/plugin/violations.hpp"

#include <belfry/abi.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

/// Lock-free to change; any thread. At most one of these is set; none where the metric could not be
/// made.
struct bf_metric {
    prometheus::Counter* counter = nullptr;
    prometheus::Gauge* gauge = nullptr;
    prometheus::Histogram* histogram = nullptr;

    void add(double value) const;
    void set(double value) const;
};

namespace belfry::plugin {

/// Of one instance, whose name becomes the label "instance". Any thread.
class PluginMetrics {
public:
    PluginMetrics(std::string instance, Metrics& metrics, Violations& violations)
        : instance_(std::move(instance)), metrics_(metrics), violations_(violations) {}

    /// The same name and labels give the same handle. Never NULL: what cannot be made (a bad name,
    /// another kind's name, too many) is reported and counts nothing.
    bf_metric* make(std::uint32_t kind, bf_str name, bf_str help, std::span<const bf_pair> labels);

private:
    [[nodiscard]] bf_metric create(std::uint32_t kind, const std::string& name,
                                   const std::string& help, const MetricLabels& labels) const;

    const std::string instance_;
    Metrics& metrics_;
    Violations& violations_;
    std::mutex mutex_;
    std::map<std::pair<std::string, MetricLabels>, std::unique_ptr<bf_metric>> made_;
    bf_metric none_;
};

}  // namespace belfry::plugin
