/// Frames from server to client, and close codes (RFC 6455 5.2, 5.5, 7.4).
#pragma once

#include <belfry/types.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::websocket {

constexpr std::uint8_t kContinuation = 0x0;
constexpr std::uint8_t kText = 0x1;
constexpr std::uint8_t kBinary = 0x2;
constexpr std::uint8_t kClose = 0x8;
constexpr std::uint8_t kPing = 0x9;
constexpr std::uint8_t kPong = 0xA;

constexpr std::uint16_t kNormal = 1000;
constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kBadPayload = 1007;
constexpr std::uint16_t kPolicy = 1008;
constexpr std::uint16_t kTooBig = 1009;

/// A whole unmasked frame.
[[nodiscard]] std::string make_frame(std::uint8_t opcode, sdk::Bytes payload);
/// A close frame. `reason` is cut to what a control frame holds, at the end of a code point.
[[nodiscard]] std::string make_close(std::uint16_t code, std::string_view reason);
/// May this code be in a close frame?
[[nodiscard]] bool is_close_code(std::uint32_t code);

}  // namespace belfry::websocket
