#include "tests/unit/net/support.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace belfry::net::test {
namespace {

constexpr int kPatience = 10'000;

Socket connect_to(const std::string& address, int receive_buffer) {
    sockaddr_storage storage{};
    socklen_t length = 0;
    if (address.starts_with("unix:")) {
        auto& local = reinterpret_cast<sockaddr_un&>(storage);
        local.sun_family = AF_UNIX;
        std::strncpy(local.sun_path, address.c_str() + 5, sizeof local.sun_path - 1);
        length = sizeof local;
    } else {
        auto& inet = reinterpret_cast<sockaddr_in&>(storage);
        inet.sin_family = AF_INET;
        inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        inet.sin_port =
            htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
        length = sizeof inet;
    }
    Socket socket(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (receive_buffer > 0) {
        setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&storage), length), 0)
        << std::strerror(errno);
    return socket;
}

}  // namespace

Client::Client(const std::string& address, int receive_buffer)
    : socket_(connect_to(address, receive_buffer)) {}

void Client::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::size_t Client::send_until_blocked(std::string_view bytes, Nanos wait) const {
    std::size_t total = 0;
    pollfd writable{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
    while (!bytes.empty() && poll(&writable, 1, static_cast<int>(wait / kMillisecond)) == 1) {
        const auto sent =
            ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0) {
            break;
        }
        total += static_cast<std::size_t>(sent);
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return total;
}

void Client::reset() {
    const linger hard{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    socket_.close();
}

bool Client::receive() {
    pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, kPatience) != 1) {
        end_ = "(time)";
        return false;
    }
    std::array<char, 65536> part{};
    const auto got = ::recv(socket_.get(), part.data(), part.size(), 0);
    if (got <= 0) {
        end_ = got < 0 ? "(reset)" : "";
        return false;
    }
    buffer_.append(part.data(), static_cast<std::size_t>(got));
    return true;
}

std::string Client::response() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!receive()) {
            return {};
        }
    }
    const auto length = buffer_.find("content-length: ");
    const std::size_t body =
        length < end ? std::stoul(buffer_.substr(length + std::strlen("content-length: "))) : 0;
    return read(end + 4 + body);
}

std::string Client::read(std::size_t count) {
    while (buffer_.size() < count && receive()) {
    }
    std::string bytes = buffer_.substr(0, count);
    buffer_.erase(0, bytes.size());
    return bytes;
}

std::string Client::rest() {
    while (receive()) {
    }
    return std::exchange(buffer_, {}) + end_;
}

Server::Server(RequestHandler handler, const std::function<void(ConnectionSettings&)>& adjust,
               std::size_t count, std::size_t most, const std::string& where) {
    ConnectionSettings settings;
    settings.handler = std::move(handler);
    if (adjust) {
        adjust(settings);
    }
    for (std::size_t i = 0; i < count; ++i) {
        shards.push_back(std::make_unique<Shard>(i, system_clock()));
        shards.back()->start();
    }
    auto socket = listen_on(where);
    EXPECT_TRUE(socket) << socket.error().message;
    address = local_address(*socket);
    listener = std::make_unique<Listener>(shards, std::move(*socket), settings, most, metrics);
    listener->start();
}

Server::~Server() {
    listener->stop();
    for (const auto& shard : shards) {
        shard->stop();
    }
    shards.clear();
}

std::size_t Server::connections() const {
    std::size_t count = 0;
    for (const auto& shard : shards) {
        count += shard->connections();
    }
    return count;
}

bool Server::reaches(std::size_t count) const {
    return eventually([&] { return connections() == count; });
}

void Server::run(Task task) {
    std::promise<void> done;
    shards.front()->loop().post([&] {
        task();
        done.set_value();
    });
    done.get_future().wait();
}

bool eventually(const std::function<bool()>& holds) {
    const Nanos end = system_clock().monotonic() + kPatience * kMillisecond;
    while (!holds()) {
        if (system_clock().monotonic() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

std::string get(const std::string& path, const std::string& headers) {
    return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
}

}  // namespace belfry::net::test
