#include "tests/support/rabbitmq_relay.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace belfry::test {

namespace {

constexpr int kTick = 20;  // ms

sockaddr_in address_of(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

/// False at the end.
bool pump(int from, int to) {
    std::array<char, 65'536> block{};
    const auto size = ::recv(from, block.data(), block.size(), 0);
    for (ssize_t done = 0; done < size;) {
        const auto sent =
            ::send(to, block.data() + done, static_cast<std::size_t>(size - done), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        done += sent;
    }
    return size > 0;
}

}  // namespace

Relay::Relay(int server_port) : server_port_(server_port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = address_of(0);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, any, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, any, &size) != 0) {
        throw std::runtime_error("the relay cannot listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

Relay::~Relay() {
    is_ending_ = true;
    acceptor_.join();
    links_.clear();
    ::close(listener_);
}

void Relay::accept_all() {
    while (!is_ending_) {
        pollfd file{listener_, POLLIN, 0};
        if (::poll(&file, 1, kTick) != 1) {
            continue;
        }
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = address_of(server_port_);
        const int on = 1;
        ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ::setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            ::close(client);
            ::close(server);
            continue;
        }
        links_.emplace_back([this, client, server] { forward(client, server); });
    }
}

void Relay::forward(int client, int server) {
    const int cuts = cuts_;
    bool is_open = true;
    while (is_open && !is_ending_ && cuts == cuts_) {
        if (is_silent_) {
            ::poll(nullptr, 0, kTick);
            continue;
        }
        std::array<pollfd, 2> files{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
        ::poll(files.data(), files.size(), kTick);
        is_open = (files[0].revents == 0 || pump(client, server)) &&
                  (files[1].revents == 0 || pump(server, client));
    }
    ::close(client);
    ::close(server);
}

}  // namespace belfry::test
