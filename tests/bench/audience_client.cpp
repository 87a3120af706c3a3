#include "tests/bench/audience_client.hpp"

#include "tests/bench/machine.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace belfry::bench {

Result<> Audience::Client::connect() {
    auto socket = connect_to(owner_.script_.port, false);
    if (!socket) {
        return std::unexpected(socket.error());
    }
    socket_ = std::move(*socket);
    owner_.poller_.watch(socket_.get(), *this, true);
    return {};
}

void Audience::Client::fail(const std::string& reason) {
    owner_.poller_.fail({Code::closed, "client " + std::to_string(number_) + ": " + reason});
}

/// What clients say is short: the socket takes it at once.
void Audience::Client::say(std::string_view bytes) {
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(bytes.size())) {
        fail("cannot send: " + std::generic_category().message(errno));
    }
}

void Audience::Client::on_ready(std::uint32_t events) {
    if (state_ == State::connecting) {
        if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
            fail("the connection was refused");
            return;
        }
        state_ = State::upgrading;
        owner_.poller_.change(socket_.get(), *this, false);
        const Script& script = owner_.script_;
        say(handshake_request(script.path, script.protocol,
                              script.bearer ? script.bearer(number_) : std::string()));
        return;
    }
    std::vector<char>& buffer = owner_.buffer_;
    const std::size_t kept = partial_.size();
    std::ranges::copy(partial_, buffer.begin());
    const auto got =
        ::recv(socket_.get(), buffer.data() + kept, buffer.size() - kept, MSG_DONTWAIT);
    if (got > 0) {
        const std::uint64_t before = entries;
        take({buffer.data(), kept + static_cast<std::size_t>(got)});
        owner_.on_read(before, entries);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        fail("the server closed the connection");
    }
}

void Audience::Client::take(std::string_view bytes) {
    if (state_ == State::upgrading) {
        take_upgrade(bytes);
    }
    if (state_ != State::upgrading) {
        while (const auto frame = first_frame(bytes)) {
            bytes.remove_prefix(frame->size);
            take_frame(*frame);
        }
    }
    partial_.assign(bytes);
}

void Audience::Client::take_upgrade(std::string_view& bytes) {
    constexpr std::string_view kEnd = "\r\n\r\n";
    const auto end = bytes.find(kEnd);
    if (end == std::string_view::npos) {
        return;
    }
    if (!bytes.starts_with("HTTP/1.1 101 ")) {
        fail("the handshake was answered by " + std::string(bytes.substr(0, bytes.find('\r'))));
        return;
    }
    bytes.remove_prefix(end + kEnd.size());
    state_ = State::greeted;
    if (!owner_.script_.is_greeted) {
        go_on_from_hello();
    }
}

void Audience::Client::take_frame(const Frame& frame) {
    if (frame.is_whole(Opcode::text)) {
        if (state_ != State::attached) {
            take_greeting(frame.payload);
        } else if (frame.payload.starts_with(owner_.script_.entry)) {
            ++entries;
            owner_.on_entry(frame);
        } else if (frame.payload.starts_with(R"({"op":"lost")")) {
            fail("entries were lost: " + std::string(frame.payload));
        }
    } else if (frame.is_whole(Opcode::ping)) {
        say(client_frame(Opcode::pong, frame.payload));
    } else {
        fail("the server ends the session");
    }
}

void Audience::Client::take_greeting(std::string_view message) {
    if (state_ == State::greeted && message.starts_with(R"({"op":"hello")")) {
        go_on_from_hello();
    } else if (state_ == State::subscribing && message.starts_with(R"({"op":"subscribed")")) {
        state_ = State::attached;
        owner_.on_attached();
    } else {
        fail("expected hello or subscribed, found " + std::string(message.substr(0, 200)));
    }
}

void Audience::Client::go_on_from_hello() {
    if (!owner_.subscription_.empty()) {
        state_ = State::subscribing;
        say(owner_.subscription_);
        return;
    }
    state_ = State::attached;
    owner_.on_attached();
}

}  // namespace belfry::bench
