#include "daemon/plugin/violations.hpp"

#include "daemon/base/log.hpp"

#include <utility>

namespace belfry::plugin {
namespace {

constexpr std::size_t kMostKept = 64;

}  // namespace

Violations::Violations(std::string instance, std::string plugin, Metrics& metrics)
    : instance_(std::move(instance)), plugin_(std::move(plugin)),
      count_(metrics.counter("belfry_plugin_violations_total",
                             "Rules of the plugin ABI that an instance broke",
                             {{"instance", instance_}, {"plugin", plugin_}})) {}

void Violations::report(std::string_view call, std::string_view rule) {
    count_.Increment();
    {
        const std::scoped_lock lock(mutex_);
        if (seen_.size() >= kMostKept ||
            !seen_.insert(std::string(call) + ": " + std::string(rule)).second) {
            return;
        }
    }
    log::error("plugin broke a rule of the plugin ABI",
               {{"instance", instance_}, {"plugin", plugin_}, {"call", call}, {"rule", rule}});
}

std::vector<std::string> Violations::list() const {
    const std::scoped_lock lock(mutex_);
    return {seen_.begin(), seen_.end()};
}

}  // namespace belfry::plugin
