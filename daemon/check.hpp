/// belfryd check and belfryd plugins.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/config/environment.hpp"
#include "daemon/config/profile.hpp"

#include <string>

namespace belfry {

/// The JSON of a source's section. Sources have no schema of their own: what a section may say is
/// the broker plugin's matter.
Result<std::string> source_config(const config::SourceConfig& section,
                                  const config::Environment& environment);

/// Whether this version offers all that a valid profile asks for.
Result<> check_offered(const config::Profile& profile, const config::Environment& environment);

/// Loads the profile's plugins and validates their sections without starting any. Prints what is
/// wrong; answers the exit code: 0 or 78.
int check_profile(const config::Profile& profile, const config::Environment& environment);

/// Prints the plugins found, a line each. Answers the exit code.
int list_plugins(const config::Profile& profile, const config::Environment& environment);

}  // namespace belfry
