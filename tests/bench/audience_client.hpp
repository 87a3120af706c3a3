/// One client of an audience.
#pragma once

#include "tests/bench/audience.hpp"

namespace belfry::bench {

class Audience::Client final : public Watched {
public:
    Client(Audience& owner, std::size_t number) : owner_(owner), number_(number) {}

    Result<> connect();
    void on_ready(std::uint32_t events) override;

    std::uint64_t entries = 0;

private:
    enum class State { connecting, upgrading, greeted, subscribing, attached };

    void say(std::string_view bytes);
    void take(std::string_view bytes);
    void take_upgrade(std::string_view& bytes);
    void take_frame(const Frame& frame);
    void take_greeting(std::string_view message);
    void go_on_from_hello();
    void fail(const std::string& reason);

    Audience& owner_;
    const std::size_t number_;
    net::Socket socket_;
    State state_ = State::connecting;
    std::string partial_;  ///< of a frame, or of the answer to the handshake
};

}  // namespace belfry::bench
