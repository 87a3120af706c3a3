/// Rules of the plugin ABI that a plugin broke.
#pragma once

#include "daemon/base/metrics.hpp"

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::plugin {

/// Of one instance. Each is logged once and counted in belfry_plugin_violations_total. Any thread.
class Violations {
public:
    Violations(std::string instance, std::string plugin, Metrics& metrics);

    /// For example ("commit", "completed twice").
    void report(std::string_view call, std::string_view rule);
    [[nodiscard]] std::vector<std::string> list() const;

private:
    const std::string instance_;
    const std::string plugin_;
    prometheus::Counter& count_;
    mutable std::mutex mutex_;
    std::set<std::string> seen_;  ///< bounded
};

}  // namespace belfry::plugin
