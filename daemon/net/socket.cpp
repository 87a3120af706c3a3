#include "daemon/net/socket.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace belfry::net {
namespace {

constexpr int kBacklog = 4096;
constexpr std::string_view kUnix = "unix:";

std::string reason() { return std::generic_category().message(errno); }

std::unexpected<Error> cannot(const std::string& what, const std::string& address) {
    return fail(Code::unavailable, "cannot " + what + " " + address + ": " + reason());
}

struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
};

Result<Address> parse_tcp(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) {
        return fail(Code::invalid, "address \"" + text + "\": expected HOST:PORT or unix:/PATH");
    }
    // getaddrinfo would take signs, spaces and numbers beyond 65535.
    const std::string_view port = std::string_view(text).substr(colon + 1);
    std::uint16_t number = 0;
    const auto [end, error_code] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error_code != std::errc() || end != port.data() + port.size()) {
        return fail(Code::invalid, "address \"" + text + "\": expected a port from 0 to 65535");
    }
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(host.c_str(), text.c_str() + colon + 1, &hints, &found)) {
        return fail(Code::invalid, "address \"" + text + "\": " + gai_strerror(error));
    }
    Address address;
    std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    address.length = found->ai_addrlen;
    freeaddrinfo(found);
    return address;
}

Result<Address> parse_unix(const std::string& path) {
    Address address;
    auto& local = reinterpret_cast<sockaddr_un&>(address.storage);
    if (path.empty() || path.size() >= sizeof local.sun_path) {
        return fail(Code::invalid, "unix socket path \"" + path + "\": expected 1 to " +
                                       std::to_string(sizeof local.sun_path - 1) + " bytes");
    }
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, path.c_str(), path.size() + 1);
    address.length = sizeof local;
    return address;
}

/// Removes the file of a socket nobody listens on any more.
Result<> remove_stale(const Address& address, const std::string& path) {
    struct stat info{};
    if (lstat(path.c_str(), &info) != 0) {
        return {};
    }
    if (!S_ISSOCK(info.st_mode)) {
        return fail(Code::conflict,
                    "cannot listen on " + path + ": a file is there that is no socket");
    }
    // Without blocking: a listener whose queue is full is alive all the same.
    const Socket probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (::connect(probe.get(), address.get(), address.length) == 0 || errno == EAGAIN) {
        return fail(Code::conflict, "cannot listen on " + path + ": another process listens there");
    }
    if (errno != ECONNREFUSED) {
        return cannot("tell whether somebody listens on", path);
    }
    ::unlink(path.c_str());
    return {};
}

Result<Socket> open_listener(const Address& address, const std::string& name) {
    Socket socket(
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) {
        return cannot("open a socket for", name);
    }
    if (address.storage.ss_family != AF_UNIX) {
        const int one = 1;
        setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    }
    // Nobody can connect before the file has its mode.
    const bool is_unix = address.storage.ss_family == AF_UNIX;
    const auto* path = reinterpret_cast<const sockaddr_un&>(address.storage).sun_path;
    if (::bind(socket.get(), address.get(), address.length) != 0 ||
        (is_unix && ::chmod(path, 0660) != 0) || ::listen(socket.get(), kBacklog) != 0) {
        return cannot("listen on", name);
    }
    return socket;
}

Result<Socket> listen_unix(const std::string& path) {
    const auto address = parse_unix(path);
    if (!address) {
        return std::unexpected(address.error());
    }
    if (auto removed = remove_stale(*address, path); !removed) {
        return std::unexpected(removed.error());
    }
    return open_listener(*address, path);
}

std::string to_text(const sockaddr_storage& address, bool with_port) {
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    if (address.ss_family == AF_UNIX ||
        getnameinfo(reinterpret_cast<const sockaddr*>(&address), sizeof address, host.data(),
                    host.size(), port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return "unix";
    }
    if (!with_port) {
        return host.data();
    }
    const bool brackets = address.ss_family == AF_INET6;
    return (brackets ? "[" : "") + std::string(host.data()) + (brackets ? "]:" : ":") + port.data();
}

}  // namespace

void Socket::close() {
    if (descriptor_ >= 0) {
        ::close(std::exchange(descriptor_, -1));
    }
}

Result<Socket> listen_on(const std::string& address) {
    if (address.starts_with(kUnix)) {
        return listen_unix(address.substr(kUnix.size()));
    }
    const auto parsed = parse_tcp(address);
    if (!parsed) {
        return std::unexpected(parsed.error());
    }
    return open_listener(*parsed, address);
}

std::string local_address(const Socket& socket) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        return {};
    }
    if (address.ss_family == AF_UNIX) {
        return std::string(kUnix) + reinterpret_cast<const sockaddr_un&>(address).sun_path;
    }
    return to_text(address, true);
}

Result<Accepted> accept_from(const Socket& listener) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    Socket socket(::accept4(listener.get(), reinterpret_cast<sockaddr*>(&address), &length,
                            SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) {
        const bool exhausted =
            errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
        return fail(exhausted ? Code::limited : Code::unavailable, reason());
    }
    if (address.ss_family != AF_UNIX) {
        const int one = 1;
        setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    return Accepted{std::move(socket), to_text(address, false)};
}

}  // namespace belfry::net
