/// The least that a WebSocket fan-out can cost.
#pragma once

#include "tests/bench/child.hpp"
#include "tests/bench/machine.hpp"

#include <cstdint>
#include <string>

namespace belfry::bench {

/// The subcommand of this program that is the server.
constexpr std::string_view kFloorCommand = "floor-server";

/// Serves until the process ends: GET becomes a WebSocket, the body of a POST goes to all of them.
/// One thread; a frame is encoded once, and all frames of a turn leave in one send per socket.
/// Nothing is stored, checked or bounded.
Result<> serve_floor(std::uint16_t port);

/// This program as that server, on the server's core.
class Floor {
public:
    static Result<Floor> start(const Machine& machine);
    [[nodiscard]] std::uint16_t port() const { return port_; }
    Result<> stop();

private:
    Floor(Child child, std::uint16_t port) : child_(std::move(child)), port_(port) {}

    Child child_;
    std::uint16_t port_;
};

}  // namespace belfry::bench
