/// Descriptors and addresses.
#pragma once

#include "daemon/base/error.hpp"

#include <string>
#include <utility>

namespace belfry::net {

/// Owns a file descriptor.
class Socket {
public:
    Socket() = default;
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { close(); }

    [[nodiscard]] int get() const { return descriptor_; }
    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    void close();

private:
    int descriptor_ = -1;
};

/// Listens without blocking on "127.0.0.1:8480", "[::1]:8480" or "unix:/path". Port 0 takes a free
/// one. A stale unix socket file is replaced, a live one is an error; the file's mode is 0660.
Result<Socket> listen_on(const std::string& address);

/// The address a socket has, in the form listen_on takes.
std::string local_address(const Socket& socket);

/// A connection that was accepted.
struct Accepted {
    Socket socket;
    std::string peer;  ///< the peer's address without its port; "unix" for a unix socket
};

/// The next waiting connection, non-blocking and with Nagle's algorithm off; `unavailable` if none
/// waits, `limited` if the process has no descriptors left.
Result<Accepted> accept_from(const Socket& listener);

}  // namespace belfry::net
