/// The client's side of a WebSocket, for tests of the plugin through its table.
#pragma once

#include <belfry/testkit/host.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::test {

/// How a frame differs from a sound one.
struct FrameShape {
    bool fin = true;
    std::uint8_t rsv = 0;
    bool masked = true;
    int length_bytes = -1;  ///< 0, 2 or 8 behind the first; -1: the shortest
};

/// A client's frame.
std::string frame(std::uint8_t opcode, std::string_view payload, FrameShape shape = {});
/// Payload of a close frame.
std::string close_payload(std::uint16_t code, std::string_view reason = {});

struct ServerFrame {
    std::uint8_t opcode = 0;
    std::string payload;

    bool operator==(const ServerFrame&) const = default;
};

/// Takes a server's bytes apart; throws testkit::Failed where they are not whole, sound frames.
std::vector<ServerFrame> parse_frames(std::string_view bytes);
/// The code of a close frame; 0 where it has none.
std::uint16_t close_code(const ServerFrame& frame);

/// A sound handshake.
testkit::Request handshake();
/// The same with one header set, or removed where `value` is empty.
testkit::Request handshake_with(std::string_view name, std::string_view value);

/// A complete configuration.
std::string config(std::uint64_t max_message = 65'536, std::string_view origins = "[]");

/// The plugin, started, and one link.
class Server {
public:
    explicit Server(const std::string& configuration = config());

    /// A link with a sound handshake and no credential, attached and upgraded.
    void connect(testkit::Link& link) const;
    [[nodiscard]] const testkit::Instance& instance() const { return instance_; }
    [[nodiscard]] testkit::Instance& instance() { return instance_; }
    [[nodiscard]] testkit::Host& host() { return host_; }

private:
    testkit::Host host_;
    testkit::Plugin plugin_;
    testkit::Instance instance_;
};

/// What a client sees after sending these bytes on a fresh connection.
struct Seen {
    std::vector<std::string> messages;
    std::vector<ServerFrame> frames;
    bool finished = false;

    bool operator==(const Seen&) const = default;
    /// Code of the close frame at the end; -1 where there is none.
    [[nodiscard]] int closed() const;
};

/// Sends `bytes` in pieces of `chunk` bytes; 0 = all at once.
Seen talk(const Server& server, std::string_view bytes, std::size_t chunk = 0);
Seen observe(testkit::Link& link);

}  // namespace belfry::test
