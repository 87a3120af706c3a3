/// A request in the form plugins take.
#pragma once

#include "daemon/net/http_message.hpp"

#include <belfry/abi.h>

#include <cstdint>
#include <span>
#include <vector>

namespace belfry::net {

/// Borrows from the request.
class PluginRequest {
public:
    /// `route`: the index of the path in the plugin's own list.
    PluginRequest(const Request& request, std::uint64_t route);

    [[nodiscard]] const bf_request& wire() const { return wire_; }

private:
    std::vector<bf_pair> headers_;
    std::vector<bf_pair> params_;
    bf_request wire_;
};

/// Headers that a plugin gave.
Headers to_headers(std::span<const bf_pair> pairs);

}  // namespace belfry::net
