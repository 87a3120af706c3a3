#include "plugins/delivery/websocket/frame.hpp"

namespace belfry::websocket {
namespace {

constexpr std::size_t kMostReason = 123;

void append_number(std::string& to, std::uint64_t number, unsigned bytes) {
    for (unsigned left = bytes; left > 0; --left) {
        to.push_back(static_cast<char>((number >> (8 * (left - 1))) & 0xFF));
    }
}

}  // namespace

std::string make_frame(std::uint8_t opcode, sdk::Bytes payload) {
    std::string frame;
    frame.reserve(payload.size() + 10);
    frame.push_back(static_cast<char>(0x80 | opcode));
    if (payload.size() < 126) {
        frame.push_back(static_cast<char>(payload.size()));
    } else if (payload.size() <= UINT16_MAX) {
        frame.push_back(126);
        append_number(frame, payload.size(), 2);
    } else {
        frame.push_back(127);
        append_number(frame, payload.size(), 8);
    }
    frame.append(sdk::text_of(sdk::bytes_of(payload)));
    return frame;
}

std::string make_close(std::uint16_t code, std::string_view reason) {
    if (reason.size() > kMostReason) {
        std::size_t end = kMostReason;
        while (end > 0 && (static_cast<std::uint8_t>(reason[end]) & 0xC0) == 0x80) {
            --end;
        }
        reason = reason.substr(0, end);
    }
    std::string payload;
    append_number(payload, code, 2);
    payload += reason;
    return make_frame(kClose, sdk::view(sdk::bytes_of(payload)));
}

bool is_close_code(std::uint32_t code) {
    const bool defined = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
    return defined || (code >= 3000 && code <= 4999);
}

}  // namespace belfry::websocket
