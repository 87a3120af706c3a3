#include "daemon/plugin/plugin_metrics.hpp"

#include "daemon/plugin/abi_values.hpp"

#include <exception>
#include <utility>

void bf_metric::add(double value) const {
    if (counter != nullptr) {
        counter->Increment(value);
    } else if (gauge != nullptr) {
        gauge->Increment(value);
    } else if (histogram != nullptr) {
        histogram->Observe(value);
    }
}

void bf_metric::set(double value) const {
    if (gauge != nullptr) {
        gauge->Set(value);
    }
}

namespace belfry::plugin {
namespace {

constexpr std::size_t kMostMetrics = 4096;

}  // namespace

bf_metric PluginMetrics::create(std::uint32_t kind, const std::string& name,
                                const std::string& help, const MetricLabels& labels) const {
    switch (kind) {
        case BF_METRIC_COUNTER: return {.counter = &metrics_.counter(name, help, labels)};
        case BF_METRIC_GAUGE: return {.gauge = &metrics_.gauge(name, help, labels)};
        case BF_METRIC_HISTOGRAM: return {.histogram = &metrics_.seconds(name, help, labels)};
        default: return {};
    }
}

bf_metric* PluginMetrics::make(std::uint32_t kind, bf_str name, bf_str help,
                               std::span<const bf_pair> labels) {
    std::pair<std::string, MetricLabels> key{"belfry_plugin_" + std::string(view(name)), {}};
    for (const bf_pair& label : labels) {
        key.second.emplace(view(label.name), view(label.value));
    }
    key.second["instance"] = instance_;
    const std::scoped_lock lock(mutex_);
    if (const auto found = made_.find(key); found != made_.end()) {
        return found->second.get();
    }
    if (made_.size() >= kMostMetrics) {
        violations_.report("metric", "more than " + std::to_string(kMostMetrics) +
                                         " metrics: labels must come from a small set");
        return &none_;
    }
    try {
        auto made = std::make_unique<bf_metric>(
            create(kind, key.first, std::string(view(help)), key.second));
        return made_.emplace(std::move(key), std::move(made)).first->second.get();
    } catch (const std::exception& error) {
        violations_.report("metric", key.first + " cannot be made: " + error.what());
        return &none_;
    }
}

}  // namespace belfry::plugin
