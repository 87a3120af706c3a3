/// The input of an operation out of an HTTP request.
#pragma once

#include "daemon/net/http_message.hpp"
#include "daemon/ops/operations.hpp"

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <expected>

namespace belfry::ops {

/// Not yet checked by the operation's schema. Lives in `storage`. Else the problem to answer with:
/// 400 for what is not JSON, 415 for another content type, 422 for a parameter that does not fit.
std::expected<boost::json::value, net::Response> read_input(const Registered& registered,
                                                            const net::Request& request,
                                                            boost::json::storage_ptr storage);

}  // namespace belfry::ops
