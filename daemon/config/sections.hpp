/// The parts of a profile that belong to plugins.
#pragma once

#include "daemon/config/document.hpp"
#include "daemon/config/problem.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::config {

/// What was taken out of one instance or source.
struct Section {
    Node config;  ///< a map
    Mark where;   ///< of the instance
};

/// By path: "storage", "brokers.main". Instances that are defaults are not in it.
using Sections = std::map<std::string, Section>;

/// Takes every instance's `config` out of the profile's tree, because the plugin's schema decides
/// on it.
Sections take_sections(Node& root, std::vector<Problem>& problems);

}  // namespace belfry::config
