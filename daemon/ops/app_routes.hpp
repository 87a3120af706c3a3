/// The HTTP paths of application plugins.
#pragma once

#include "daemon/identity/identity.hpp"
#include "daemon/net/router.hpp"
#include "daemon/plugin/app.hpp"

#include <vector>

namespace belfry::ops {

/// Adds the routes of every app. The caller's bearer token is checked; without one the principal is
/// anonymous, and what that may do is the app's matter. An error names a path that is taken.
Result<> add_app_routes(net::Router& router, const std::vector<App*>& apps, Identity& identity);

}  // namespace belfry::ops
