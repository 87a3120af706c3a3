/// One WebSocket connection.
#pragma once

#include "plugins/delivery/websocket/handshake.hpp"
#include "plugins/delivery/websocket/receiver.hpp"

#include <belfry/transport.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace belfry::websocket {

/// What is kept for every connection, idle ones too, so it is small: all else is made when it is
/// needed.
class Connection final : public sdk::LinkState, private Listener {
public:
    /// Clients that send more pings than this within a second are closed with 1008.
    static constexpr std::uint32_t kMostPings = 10;

    Connection(const sdk::Env& env, sdk::Link link, std::uint32_t max_message);

    /// Attaches, and upgrades when that has succeeded. Without a credential too: whether that is
    /// refused, anonymous, or awaits the credential in the first message is the daemon's decision.
    void begin(Handshake handshake, std::string_view dialect);

    void read(sdk::Bytes bytes) override;
    void attached(const bf_attached& result) override;
    void close(std::uint32_t code, std::string_view reason) override;

private:
    void on_message(sdk::Bytes message, bool is_text) override;
    void on_ping(sdk::Bytes payload) override;
    void on_pong() override;
    void on_close(sdk::Bytes payload) override;
    void on_violation(const Violation& violation) override;
    [[nodiscard]] bool listening() const override { return stage_ == Stage::open; }

    [[nodiscard]] bool is_flood();
    void end(const std::string& close_frame);

    enum class Stage : std::uint8_t { handshake, open, over };

    const sdk::Env& env_;
    sdk::Link link_;
    std::unique_ptr<Handshake> handshake_;  // until it has been answered
    std::unique_ptr<Receiver> receiver_;    // while a frame or message is incomplete
    std::int64_t pings_since_ = 0;          // monotonic
    std::uint32_t pings_ = 0;
    std::uint32_t max_message_;
    Stage stage_ = Stage::handshake;
};

}  // namespace belfry::websocket
