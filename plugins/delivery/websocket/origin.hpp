/// Which web pages may connect (RFC 6454, RFC 6455 10.2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace belfry::websocket {

constexpr std::string_view kAnyOrigin = "*";

/// scheme://host[:port], and nothing behind it.
[[nodiscard]] bool is_origin(std::string_view text);

/// `allowed` is compared as a whole, but for the case of letters; kAnyOrigin in it allows all.
/// Where it is empty, the origin's host and port must be those of the Host header. "null" is
/// refused unless all are allowed. Requests without an Origin do not come from pages and are none
/// of this function's business: no cookie is ever looked at, so nobody else's authority can be
/// borrowed.
[[nodiscard]] bool is_allowed_origin(std::string_view origin, std::string_view host,
                                     const std::vector<std::string>& allowed);

}  // namespace belfry::websocket
