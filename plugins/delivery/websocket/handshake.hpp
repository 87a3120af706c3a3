/// The opening handshake of the server (RFC 6455 4.2).
#pragma once

#include "plugins/delivery/websocket/settings.hpp"

#include <belfry/transport.hpp>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::websocket {

/// An HTTP answer instead of the upgrade.
struct Refusal {
    std::uint32_t status;
    std::string_view reason;  ///< a literal
    std::string_view header = {};
    std::string_view header_value = {};
};

/// What a sound request asks for.
struct Handshake {
    std::string accept;      ///< Sec-WebSocket-Accept
    std::string protocol;    ///< Sec-WebSocket-Protocol of the answer; empty = none
    std::string credential;  ///< bearer token; empty = none
    std::string device;
    std::string since;
};

/// Checks a request for `mount`. The credential is the Authorization header's, else that of a
/// subprotocol item "bearer.<token>", which is never answered. Extensions are not negotiated.
[[nodiscard]] std::expected<Handshake, Refusal> read_handshake(
    const bf_request& request, const Mount& mount, const std::vector<std::string>& origins);

/// Answers with a problem document (RFC 9457).
void refuse(sdk::Link& link, const Refusal& refusal);
/// Answers 101.
void accept(sdk::Link& link, const Handshake& handshake);

}  // namespace belfry::websocket
