/// belfryd check and belfryd plugins.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/config/environment.hpp"
#include "daemon/config/profile.hpp"

#include <map>
#include <string>

namespace belfry {

namespace plugin {
class PluginHost;
}

/// The sources of which the broker is there, each with its section as canonical JSON by the broker
/// plugin's schema, by name. An error has everything that is wrong, a line each with its place.
Result<std::map<std::string, std::string>> source_configs(const config::Profile& profile,
                                                          const plugin::PluginHost& host,
                                                          const config::Environment& environment);

/// Loads the profile's plugins and validates their sections without starting any. Prints what is
/// wrong; answers the exit code: 0 or 78.
int check_profile(const config::Profile& profile, const config::Environment& environment);

/// Prints the plugins found, a line each. Answers the exit code.
int list_plugins(const config::Profile& profile, const config::Environment& environment);

}  // namespace belfry
