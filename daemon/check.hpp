/// belfryd check and belfryd plugins.
#pragma once

#include "daemon/config/environment.hpp"
#include "daemon/config/profile.hpp"

namespace belfry {

/// Loads the profile's plugins and validates their sections without starting any. Prints what is wrong;
/// answers the exit code: 0 or 78.
int check_profile(const config::Profile& profile, const config::Environment& environment);

/// Prints the plugins found, a line each. Answers the exit code.
int list_plugins(const config::Profile& profile, const config::Environment& environment);

}  // namespace belfry
