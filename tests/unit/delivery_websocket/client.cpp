#include "tests/unit/delivery_websocket/client.hpp"

#include <algorithm>

namespace belfry::test {
namespace {

void append_number(std::string& to, std::uint64_t number, int bytes) {
    for (int left = bytes; left > 0; --left) {
        to.push_back(static_cast<char>((number >> (8 * (left - 1))) & 0xFF));
    }
}

int shortest(std::size_t length) { return length < 126 ? 0 : length <= UINT16_MAX ? 2 : 8; }

std::uint8_t byte(std::string_view bytes, std::size_t at) {
    if (at >= bytes.size()) {
        throw testkit::Failed("the server's bytes end inside a frame");
    }
    return static_cast<std::uint8_t>(bytes[at]);
}

struct Extent {
    std::size_t start = 2;
    std::uint64_t length = 0;
};

/// Where a server's payload starts, and how long it is.
Extent parse_length(std::string_view bytes) {
    Extent extent{2, byte(bytes, 1)};
    if (extent.length > 127) {
        throw testkit::Failed("the server's frame is masked");
    }
    const int extended = extent.length < 126 ? 0 : extent.length == 126 ? 2 : 8;
    extent.length = extended == 0 ? extent.length : 0;
    for (int left = extended; left > 0; --left) {
        extent.length = extent.length << 8 | byte(bytes, extent.start++);
    }
    if (shortest(extent.length) != extended) {
        throw testkit::Failed("the server's frame has its length in a long form");
    }
    return extent;
}

}  // namespace

std::string frame(std::uint8_t opcode, std::string_view payload, FrameShape shape) {
    std::string bytes;
    bytes.push_back(static_cast<char>((shape.fin ? 0x80 : 0) | (shape.rsv << 4) | opcode));
    const int extended = shape.length_bytes < 0 ? shortest(payload.size()) : shape.length_bytes;
    const std::size_t first = extended == 0 ? payload.size() : extended == 2 ? 126 : 127;
    bytes.push_back(static_cast<char>((shape.masked ? 0x80U : 0U) | first));
    append_number(bytes, payload.size(), extended);
    if (!shape.masked) {
        return bytes.append(payload);
    }
    constexpr std::string_view kMask("\x37\xfa\x21\x3d", 4);
    bytes += kMask;
    for (std::size_t at = 0; at < payload.size(); ++at) {
        bytes.push_back(static_cast<char>(payload[at] ^ kMask[at % 4]));
    }
    return bytes;
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    std::string payload;
    append_number(payload, code, 2);
    return payload.append(reason);
}

std::vector<ServerFrame> parse_frames(std::string_view bytes) {
    std::vector<ServerFrame> frames;
    while (!bytes.empty()) {
        const std::uint8_t head = byte(bytes, 0);
        if ((head & 0xF0) != 0x80) {
            throw testkit::Failed("the server's frame is a fragment or has reserved bits");
        }
        const auto [start, length] = parse_length(bytes);
        if (bytes.size() - start < length) {
            throw testkit::Failed("the server's bytes end inside a frame");
        }
        frames.push_back(
            {static_cast<std::uint8_t>(head & 0x0F), std::string(bytes.substr(start, length))});
        bytes.remove_prefix(start + length);
    }
    return frames;
}

std::uint16_t close_code(const ServerFrame& frame) {
    return frame.payload.empty()
               ? std::uint16_t{0}
               : static_cast<std::uint16_t>(byte(frame.payload, 0) << 8 | byte(frame.payload, 1));
}

testkit::Request handshake() {
    testkit::Request request;
    request.path = "/v1/ws";
    request.headers = {{"host", "example.org"},
                       {"upgrade", "websocket"},
                       {"connection", "Upgrade"},
                       {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                       {"sec-websocket-version", "13"}};
    return request;
}

testkit::Request handshake_with(std::string_view name, std::string_view value) {
    testkit::Request request = handshake();
    std::erase_if(request.headers, [name](const auto& header) { return header.first == name; });
    if (!value.empty()) {
        request.headers.emplace_back(name, value);
    }
    return request;
}

std::string config(std::uint64_t max_message, std::string_view origins) {
    return R"({"mounts":[{"path":"/v1/ws","dialect":"belfry.v1","protocol":""},)"
           R"({"path":"/other","dialect":"shop","protocol":"shop.2"}],"max_message":)" +
           std::to_string(max_message) + R"(,"origins":)" + std::string(origins) + "}";
}

Server::Server(const std::string& configuration)
    : plugin_(testkit::Plugin::load(host_, BELFRY_TEST_PLUGIN)),
      instance_(plugin_.create("websocket", configuration)) {
    instance_.start();
}

void Server::connect(testkit::Link& link) const {
    link.open(handshake());
    link.accept();
    if (!link.upgraded()) {
        throw testkit::Failed("a sound handshake was not accepted");
    }
}

int Seen::closed() const {
    if (frames.empty() || frames.back().opcode != 8) {
        return -1;
    }
    return close_code(frames.back());
}

Seen observe(testkit::Link& link) {
    Seen seen;
    for (const auto& message : link.received()) {
        seen.messages.push_back(message.content);
    }
    seen.frames = parse_frames(link.take_written());
    seen.finished = link.finished();
    return seen;
}

Seen talk(const Server& server, std::string_view bytes, std::size_t chunk) {
    testkit::Link link(server.instance());
    server.connect(link);
    const std::size_t step = chunk == 0 ? std::max<std::size_t>(bytes.size(), 1) : chunk;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        link.read(bytes.substr(at, step));
    }
    return observe(link);
}

}  // namespace belfry::test
