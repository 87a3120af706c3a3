#include "tests/support/cut_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <utility>

namespace belfry::test {

namespace {

constexpr int kTick = 50;  // ms
constexpr std::size_t kLengthSize = 4;
// In place of a protocol version: a request for encryption, which is answered with one byte.
constexpr std::uint32_t kTls = 80877103;
constexpr std::uint32_t kGss = 80877104;

std::uint32_t number_at(std::string_view bytes) {
    std::uint32_t number = 0;
    for (const char c : bytes.substr(0, kLengthSize)) {
        number = number << 8U | static_cast<unsigned char>(c);
    }
    return number;
}

/// A socket that closes itself.
class Socket {
public:
    explicit Socket(int file) : file_(file) {
        const int on = 1;
        ::setsockopt(file_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    ~Socket() { close(); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    [[nodiscard]] int file() const { return file_; }
    void close() {
        if (file_ >= 0) {
            ::close(std::exchange(file_, -1));
        }
    }
    bool send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const auto sent = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// What is there; nothing at the end.
    [[nodiscard]] std::string receive() const {
        std::array<char, 65'536> block{};
        const auto size = ::recv(file_, block.data(), block.size(), 0);
        return {block.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    }

private:
    int file_;
};

/// Takes one whole message from the front, its type and length included; empty where there is none.
std::string take_message(std::string& bytes, std::size_t type_size) {
    if (bytes.size() < type_size + kLengthSize) {
        return {};
    }
    const auto size = type_size + number_at(std::string_view(bytes).substr(type_size));
    if (bytes.size() < size) {
        return {};
    }
    auto message = bytes.substr(0, size);
    bytes.erase(0, size);
    return message;
}

sockaddr_in address_of(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

int connect_to(int port) {
    const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = address_of(port);
    if (::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(file);
        return -1;
    }
    return file;
}

}  // namespace

/// One client and its connection to the server, on a thread of its own.
class CutProxy::Link {
public:
    Link(CutProxy& proxy, int client, int server)
        : proxy_(proxy), client_(client), server_(server) {}

    void run() {
        while (!proxy_.is_ending_) {
            std::array<pollfd, 2> files{pollfd{client_.file(), POLLIN, 0},
                                        pollfd{server_.file(), POLLIN, 0}};
            ::poll(files.data(), files.size(), kTick);
            if ((files[1].revents != 0 && !from_server()) ||
                (files[0].revents != 0 && !from_client())) {
                return;
            }
        }
    }

private:
    bool from_server() {
        const auto bytes = server_.receive();
        if (bytes.empty()) {
            return false;
        }
        if (!is_hiding_) {
            return client_.send(bytes);
        }
        answers_ += bytes;
        for (auto answer = take_message(answers_, 1); !answer.empty();
             answer = take_message(answers_, 1)) {
            if (answer.front() == 'Z') {
                return false;
            }
        }
        return true;
    }

    bool from_client() {
        const auto bytes = client_.receive();
        if (bytes.empty()) {
            client_.close();
            return is_hiding_;
        }
        requests_ += bytes;
        for (auto request = next_request(); !request.empty(); request = next_request()) {
            if (!pass_on(request)) {
                return false;
            }
        }
        return true;
    }

    std::string next_request() {
        is_typed_ = is_started_;
        auto request = take_message(requests_, is_typed_ ? 1 : 0);
        if (!is_started_ && !request.empty()) {
            const auto version = number_at(std::string_view(request).substr(kLengthSize));
            is_started_ = version != kTls && version != kGss;
        }
        return request;
    }

    bool pass_on(const std::string& request) {
        if (is_typed_ && !cut_) {
            cut_ = proxy_.take(request.front(), std::string_view(request).substr(1 + kLengthSize));
        }
        if (!cut_) {
            return server_.send(request);
        }
        switch (*cut_) {
            case Cut::request: return false;
            case Cut::half: (void)server_.send(request.substr(0, request.size() / 2)); return false;
            case Cut::silence: return true;
            default: break;
        }
        // What belongs to it goes to its end: a query is one message, else there is a Sync.
        const bool is_whole = request.front() == 'Q' || request.front() == 'S';
        is_hiding_ = true;
        if (!server_.send(request)) {
            return false;
        }
        if (is_whole && *cut_ == Cut::abandon) {
            client_.close();
        }
        return true;
    }

    CutProxy& proxy_;
    Socket client_;
    Socket server_;
    std::string requests_;
    std::string answers_;
    std::optional<Cut> cut_;
    bool is_started_ = false;
    bool is_typed_ = false;
    bool is_hiding_ = false;
};

CutProxy::CutProxy(int server_port, Target is_target)
    : server_port_(server_port), is_target_(std::move(is_target)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = address_of(0);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, any, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, any, &size) != 0) {
        throw std::runtime_error("the proxy cannot listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

CutProxy::~CutProxy() {
    is_ending_ = true;
    acceptor_.join();
    links_.clear();
    ::close(listener_);
}

void CutProxy::accept_all() {
    while (!is_ending_) {
        pollfd file{listener_, POLLIN, 0};
        if (::poll(&file, 1, kTick) != 1) {
            continue;
        }
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int server = connect_to(server_port_);
        if (client < 0 || server < 0) {
            ::close(client);
            ::close(server);
            continue;
        }
        links_.emplace_back([this, client, server] { Link(*this, client, server).run(); });
    }
}

void CutProxy::arm(Cut how) {
    const std::lock_guard lock(mutex_);
    armed_ = how;
}

std::optional<Cut> CutProxy::take(char type, std::string_view content) {
    if (!is_target_(type, content)) {
        return std::nullopt;
    }
    ++targets_;
    const std::lock_guard lock(mutex_);
    cuts_ += armed_ ? 1 : 0;
    return std::exchange(armed_, std::nullopt);
}

bool is_commit(char type, std::string_view content) {
    return type == 'Q' && content.contains("COMMIT");
}

}  // namespace belfry::test
