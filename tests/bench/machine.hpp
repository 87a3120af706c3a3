/// What a bench runs on.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"
#include "daemon/net/socket.hpp"

#include <cstdint>
#include <string>

namespace belfry::bench {

/// One core for what is measured, another for what makes the load; the same one where there is no
/// other.
struct Machine {
    int server_core = 0;
    int load_core = 0;
    std::string folder;  ///< of this program, without a slash at its end

    /// For a figure's conditions.
    [[nodiscard]] std::string describe() const;
};

/// Of the cores this process may use.
Result<Machine> find_machine();
/// The calling thread and what it starts from now on.
Result<> pin_to(int core);
/// As many descriptors as the hard limit gives; `unavailable` where these are fewer than `needed`.
Result<> raise_descriptor_limit(std::size_t needed);

/// A TCP port of the loopback that was free just now.
Result<std::uint16_t> find_port();
/// A connection to the loopback; non-blocking where `is_blocking` is false, and then under way.
Result<net::Socket> connect_to(std::uint16_t port, bool is_blocking);

/// A line on standard error.
void progress(const std::string& text);

}  // namespace belfry::bench
