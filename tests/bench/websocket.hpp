/// The little of RFC 6455 that a client needs which measures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace belfry::bench {

enum class Opcode : std::uint8_t { text = 1, close = 8, ping = 9, pong = 10 };

/// A frame of the server, in the bytes it was found in.
struct Frame {
    std::uint8_t head = 0;
    std::string_view payload;
    std::size_t size = 0;  ///< with its header

    [[nodiscard]] bool is_whole(Opcode opcode) const {
        return head == (0x80U | static_cast<unsigned>(opcode));
    }
};

/// The first frame; nothing where it is not all there. Inline: this is done for every message.
inline std::optional<Frame> first_frame(std::string_view bytes) {
    constexpr std::size_t kShort = 126;
    if (bytes.size() < 2) {
        return std::nullopt;
    }
    const auto byte = [bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    std::size_t length = byte(1);
    std::size_t begin = 2;
    if (length >= kShort) {
        begin += length == kShort ? 2 : 8;
        if (bytes.size() < begin) {
            return std::nullopt;
        }
        length = 0;
        for (std::size_t i = 2; i < begin; ++i) {
            length = length << 8U | byte(i);
        }
    }
    if (bytes.size() - begin < length) {
        return std::nullopt;
    }
    return Frame{byte(0), bytes.substr(begin, length), begin + length};
}

/// A client's frame of at most 125 bytes, masked with zero.
std::string client_frame(Opcode opcode, std::string_view payload);
/// A server's text frame.
std::string server_frame(std::string_view payload);

/// The client's part of the opening handshake; `protocol` and `bearer` may be empty.
std::string handshake_request(std::string_view path, std::string_view protocol,
                              std::string_view bearer);
/// The server's answer to a handshake with this key.
std::string handshake_response(std::string_view key);

}  // namespace belfry::bench
