/// Operations over HTTP.
#pragma once

#include "daemon/identity/identity.hpp"
#include "daemon/net/router.hpp"
#include "daemon/ops/operations.hpp"

namespace belfry::ops {

/// Who knocks.
enum class Trust {
    bearer,   ///< a bearer token says who asks; without one, anonymous
    control,  ///< the control socket: whoever can open it is an admin
};

/// Adds every operation's routes. `operations` and `identity` outlive the router.
Result<> add_operation_routes(net::Router& router, const Operations& operations, Identity& identity,
                              Trust trust);

/// Adds GET /openapi.json: the table as OpenAPI 3.1, made once, now.
Result<> add_openapi_route(net::Router& router, const Operations& operations);

}  // namespace belfry::ops
