#include "daemon/net/socket.hpp"
#include "tests/bench/floor.hpp"
#include "tests/bench/websocket.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <vector>

namespace belfry::bench {
namespace {

constexpr std::size_t kBuffer = 128 * 1024;
constexpr int kEventsPerTurn = 1024;
constexpr std::string_view kCreated = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";

struct Peer {
    explicit Peer(net::Socket accepted) : socket(std::move(accepted)) {}

    net::Socket socket;
    std::string in;
    std::string out;  ///< what the socket has not taken yet
    bool is_listener = false;
};

/// What stands behind "name: "; the requests are this program's own.
std::string_view header(std::string_view head, std::string_view name) {
    const auto value =
        head.substr(std::min(head.find(name), head.size() - name.size()) + name.size());
    return value.substr(0, value.find("\r\n"));
}

class Server {
public:
    explicit Server(net::Socket door)
        : door_(std::move(door)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        add(door_.get(), nullptr);
    }

    void turn() {
        const int count = epoll_wait(epoll_.get(), events_.data(), kEventsPerTurn, -1);
        for (const epoll_event& event :
             std::span(events_.data(), static_cast<std::size_t>(std::max(count, 0)))) {
            if (event.data.ptr == nullptr) {
                accept();
            } else {
                on_ready(*static_cast<Peer*>(event.data.ptr), event.events);
            }
        }
        if (!frames_.empty()) {
            for (Peer* listener : listeners_) {
                send(*listener, frames_);
            }
            frames_.clear();
        }
    }

private:
    void add(int descriptor, Peer* peer) {
        epoll_event event{.events = EPOLLIN, .data = {.ptr = peer}};
        epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
    }

    void watch(Peer& peer, bool is_writing) {
        const std::uint32_t events = is_writing ? EPOLLIN | EPOLLOUT : EPOLLIN;
        epoll_event event{.events = events, .data = {.ptr = &peer}};
        epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, peer.socket.get(), &event);
    }

    void accept() {
        while (auto accepted = net::accept_from(door_)) {
            const int descriptor = accepted->socket.get();
            auto peer = std::make_unique<Peer>(std::move(accepted->socket));
            add(descriptor, peer.get());
            peers_.emplace(peer.get(), std::move(peer));
        }
    }

    void on_ready(Peer& peer, std::uint32_t events) {
        if ((events & EPOLLOUT) != 0) {
            send(peer, {});
        }
        if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) == 0) {
            return;
        }
        const auto got = recv(peer.socket.get(), buffer_.data(), buffer_.size(), 0);
        if (got <= 0) {
            std::erase(listeners_, &peer);
            peers_.erase(&peer);
        } else if (!peer.is_listener) {
            peer.in.append(buffer_.data(), static_cast<std::size_t>(got));
            take_requests(peer);
        }
    }

    void take_requests(Peer& peer) {
        constexpr std::string_view kEnd = "\r\n\r\n";
        std::string answers;
        std::string_view rest = peer.in;
        for (auto end = rest.find(kEnd); end != std::string_view::npos; end = rest.find(kEnd)) {
            const auto head = rest.substr(0, end + 2);
            const auto body = rest.substr(end + kEnd.size());
            if (head.starts_with("GET ")) {
                answers += handshake_response(header(head, "Sec-WebSocket-Key: "));
                peer.is_listener = true;
                listeners_.push_back(&peer);
                rest = {};
                break;
            }
            const auto digits = header(head, "Content-Length: ");
            std::size_t length = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), length);
            if (body.size() < length) {
                break;
            }
            frames_ += server_frame(body.substr(0, length));
            answers += kCreated;
            rest = body.substr(length);
        }
        peer.in.erase(0, peer.in.size() - rest.size());
        send(peer, answers);
    }

    void send(Peer& peer, std::string_view bytes) {
        const bool was_blocked = !peer.out.empty();
        if (was_blocked) {
            peer.out += bytes;
            bytes = peer.out;
        }
        if (bytes.empty()) {
            return;
        }
        const auto sent =
            ::send(peer.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        std::string rest(bytes.substr(static_cast<std::size_t>(std::max<ssize_t>(sent, 0))));
        if (was_blocked == rest.empty()) {
            watch(peer, !rest.empty());
        }
        peer.out = std::move(rest);
    }

    net::Socket door_;
    net::Socket epoll_;
    std::vector<epoll_event> events_ = std::vector<epoll_event>(kEventsPerTurn);
    std::vector<char> buffer_ = std::vector<char>(kBuffer);
    std::unordered_map<Peer*, std::unique_ptr<Peer>> peers_;
    std::vector<Peer*> listeners_;
    std::string frames_;  ///< of this turn
};

}  // namespace

Result<> serve_floor(std::uint16_t port) {
    auto door = net::listen_on("127.0.0.1:" + std::to_string(port));
    if (!door) {
        return std::unexpected(door.error());
    }
    Server server(std::move(*door));
    while (true) {
        server.turn();
    }
}

}  // namespace belfry::bench
