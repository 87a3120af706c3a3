#include "tests/bench/publisher.hpp"

#include "tests/bench/machine.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace belfry::bench {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;

std::size_t number_in(std::string_view text) {
    std::size_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter | 0x20) : letter;
}

/// The value of a header; `name` in lower case. Empty where it is not there.
std::string_view header(std::string_view head, std::string_view name) {
    while (!head.empty()) {
        const auto end = std::min(head.find("\r\n"), head.size());
        const auto line = head.substr(0, end);
        head.remove_prefix(std::min(end + 2, head.size()));
        if (line.size() > name.size() && line[name.size()] == ':' &&
            std::ranges::equal(line.substr(0, name.size()), name, {}, lower)) {
            const auto value = line.substr(name.size() + 1);
            return value.substr(std::min(value.find_first_not_of(' '), value.size()));
        }
    }
    return {};
}

}  // namespace

std::string post_request(std::string_view path, std::string_view bearer, std::string_view body) {
    std::string request = "POST ";
    request.append(path).append(
        " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
    if (!bearer.empty()) {
        request.append("Authorization: Bearer ").append(bearer).append("\r\n");
    }
    request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
    return request.append(body);
}

ResponseHead first_response(std::string_view bytes) {
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    constexpr std::string_view kEnd = "\r\n\r\n";
    const auto end = bytes.find(kEnd);
    if (end == std::string_view::npos) {
        return {};
    }
    const std::size_t size =
        end + kEnd.size() + number_in(header(bytes.substr(0, end), "content-length"));
    if (bytes.size() < size) {
        return {};
    }
    const auto status = number_in(bytes.substr(std::min(kVersion.size(), bytes.size())));
    return {static_cast<unsigned>(status), size};
}

Result<> Publisher::connect(std::uint16_t port) {
    auto socket = connect_to(port, true);
    if (!socket) {
        return std::unexpected(socket.error());
    }
    socket_ = std::move(*socket);
    poller_.watch(socket_.get(), *this, false);
    return {};
}

void Publisher::send(std::string_view requests, std::size_t count) {
    out_.append(requests);
    waiting_ += count;
    flush();
}

void Publisher::flush() {
    const auto sent = ::send(socket_.get(), out_.data() + sent_, out_.size() - sent_,
                             MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        poller_.fail({Code::closed, "publisher: " + std::generic_category().message(errno)});
        return;
    }
    sent_ += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    if (sent_ == out_.size()) {
        out_.clear();
        sent_ = 0;
    }
    if (is_writing_ != !out_.empty()) {
        is_writing_ = !is_writing_;
        poller_.change(socket_.get(), *this, is_writing_);
    }
}

void Publisher::on_ready(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) {
        flush();
    }
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) {
        read();
    }
}

void Publisher::read() {
    std::array<char, kReadSize> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) {
            poller_.fail({Code::closed, "publisher: the server closed the connection"});
        }
        return;
    }
    in_.append(buffer.data(), static_cast<std::size_t>(got));
    std::string_view rest = in_;
    while (true) {
        const auto [status, size] = first_response(rest);
        if (size == 0) {
            break;
        }
        take(rest.substr(0, size), status);
        rest.remove_prefix(size);
    }
    in_.erase(0, in_.size() - rest.size());
}

void Publisher::take(std::string_view response, unsigned status) {
    constexpr std::size_t kShown = 600;
    --waiting_;
    if (status / 100 != 2) {
        poller_.fail({Code::refused,
                      "publishing was answered by " + std::string(response.substr(0, kShown))});
    }
}

}  // namespace belfry::bench
