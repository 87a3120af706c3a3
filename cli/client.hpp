/// The daemon as the CLI reaches it: HTTP/1.1 and WebSocket over its control socket.
#pragma once

#include "cli/outcome.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace belfry::cli {

struct Answer {
    unsigned status = 0;
    std::string body;
    unsigned retry_after = 0;  ///< seconds; 0 = not said
};

/// One connection, kept and made again when it is gone. One thread; calls block.
class Client {
public:
    explicit Client(std::string socket);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// EX_UNAVAILABLE where nobody answers; any answer at all is a success. `body` empty = none.
    Outcome<Answer> request(std::string_view method, const std::string& target,
                            std::string body = {});
    /// Somebody listened there at least once.
    [[nodiscard]] bool has_connected() const { return has_connected_; }

private:
    struct Connection;
    Outcome<> connect();

    std::string socket_;
    bool has_connected_ = false;
    std::unique_ptr<Connection> connection_;
};

/// A WebSocket that speaks belfry.v1. One thread; calls block.
class LiveLink {
public:
    /// EX_UNAVAILABLE where nobody answers, EX_PROTOCOL where the daemon does not speak it.
    static Outcome<LiveLink> open(const std::string& socket);
    ~LiveLink();
    LiveLink(const LiveLink&) = delete;
    LiveLink& operator=(const LiveLink&) = delete;
    LiveLink(LiveLink&&) noexcept;
    LiveLink& operator=(LiveLink&&) noexcept;

    /// The next message; EX_UNAVAILABLE when the link is over, EX_NOPERM or EX_PROTOCOL when the
    /// daemon does not want it back.
    Outcome<std::string> read();
    Outcome<> write(const std::string& message);

private:
    struct State;
    explicit LiveLink(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace belfry::cli
