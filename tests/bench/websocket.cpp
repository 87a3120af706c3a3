#include "tests/bench/websocket.hpp"

#include "daemon/base/json_text.hpp"

#include <openssl/evp.h>

#include <array>
#include <cassert>

namespace belfry::bench {
namespace {

constexpr std::size_t kLongestShort = 125;
constexpr std::size_t kLongestMedium = 0xffff;

char byte_of(std::size_t value) { return static_cast<char>(static_cast<std::uint8_t>(value)); }

}  // namespace

std::string client_frame(Opcode opcode, std::string_view payload) {
    assert(payload.size() <= kLongestShort);
    std::string frame{byte_of(0x80U | static_cast<unsigned>(opcode)),
                      byte_of(0x80U | payload.size()),
                      '\0',
                      '\0',
                      '\0',
                      '\0'};
    return frame.append(payload);
}

std::string server_frame(std::string_view payload) {
    assert(payload.size() <= kLongestMedium);
    std::string frame{byte_of(0x80U | static_cast<unsigned>(Opcode::text))};
    if (payload.size() <= kLongestShort) {
        frame += byte_of(payload.size());
    } else {
        frame +=
            {byte_of(kLongestShort + 1), byte_of(payload.size() >> 8U), byte_of(payload.size())};
    }
    return frame.append(payload);
}

std::string handshake_request(std::string_view path, std::string_view protocol,
                              std::string_view bearer) {
    std::string request = "GET ";
    request.append(path).append(
        " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YmVsZnJ5LWJlbmNoLWtleQ==\r\n");
    if (!protocol.empty()) {
        request.append("Sec-WebSocket-Protocol: ").append(protocol).append("\r\n");
    }
    if (!bearer.empty()) {
        request.append("Authorization: Bearer ").append(bearer).append("\r\n");
    }
    return request + "\r\n";
}

std::string handshake_response(std::string_view key) {
    const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           to_base64({reinterpret_cast<const char*>(digest.data()), size}) + "\r\n\r\n";
}

}  // namespace belfry::bench
