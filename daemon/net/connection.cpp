#include "daemon/net/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace belfry::net {
namespace {

/// How long a peer may take to read the rest and to close.
constexpr Nanos kLingerTime = 2 * kSecond;
/// How long a peer may take nothing of the last bytes for it.
constexpr Nanos kFinishTime = 10 * kSecond;
/// A peer that does not take its answers is not asked for more.
constexpr std::size_t kMostUnsent = std::size_t{1} << 20U;
/// Then the neighbours have their turn.
constexpr int kReadsPerTurn = 16;

}  // namespace

Connection::Connection(Loop& loop, Accepted accepted, const ConnectionSettings& settings,
                       ConnectionOwner& owner)
    : loop_(loop), settings_(settings), owner_(owner), socket_(std::move(accepted.socket)),
      http_(std::make_unique<Http>(settings.http)) {
    http_->peer = std::move(accepted.peer);
}

Connection::~Connection() = default;

void Connection::start() {
    if (!loop_.add(socket_.get(), *this)) {
        close();
        return;
    }
    watch_http_time();
}

void Connection::on_ready(std::uint32_t events) {
    const auto self = shared_from_this();
    if ((events & EPOLLERR) != 0) {
        close();
        return;
    }
    if ((events & EPOLLOUT) != 0 && blocked_) {
        blocked_ = false;
        mark_dirty();
    }
    if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) {
        readable_ = true;
        hung_up_ = hung_up_ || (events & EPOLLRDHUP) != 0;
        read_socket();
    }
    if ((events & EPOLLHUP) != 0) {
        close();
    }
}

bool Connection::wants_input() const {
    if (!socket_.is_open() || finishing_ || held_ || out_.bytes() >= kMostUnsent) {
        return false;
    }
    return http_ == nullptr ||
           (!http_->no_more && !http_->exclusive && http_->slots.size() < settings_.pipeline);
}

void Connection::read_socket() {
    if (lingering_) {
        discard_input();
    }
    if (reading_) {
        return;
    }
    reading_ = true;
    for (int reads = 0; readable_ && wants_input(); ++reads) {
        if (reads == kReadsPerTurn) {
            read_later();
            break;
        }
        const auto scratch = loop_.scratch();
        const auto got = ::recv(socket_.get(), scratch.data(), scratch.size(), 0);
        if (got > 0) {
            // A short read emptied the socket: epoll(7), question 9.
            readable_ = hung_up_ || static_cast<std::size_t>(got) == scratch.size();
            take_bytes(scratch.first(static_cast<std::size_t>(got)));
        } else if (got == 0) {
            readable_ = false;
            on_end_of_input();
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            readable_ = false;
        } else if (errno != EINTR) {
            close();
        }
    }
    reading_ = false;
}

void Connection::read_later() {
    if (!std::exchange(reading_on_, true)) {
        loop_.post([self = shared_from_this()] {
            self->reading_on_ = false;
            if (self->http_ != nullptr) {
                self->parse_requests();
            }
            self->read_socket();
        });
    }
}

/// A client may close its side and still wait for answers.
void Connection::on_end_of_input() {
    if (http_ != nullptr && !http_->slots.empty()) {
        http_->no_more = true;
    } else if (http_ != nullptr && !out_.empty()) {
        finish();
    } else {
        close();
    }
}

void Connection::discard_input() {
    const auto scratch = loop_.scratch();
    ssize_t got = 1;
    for (int reads = 0; reads < kReadsPerTurn && got > 0; ++reads) {
        got = ::recv(socket_.get(), scratch.data(), scratch.size(), 0);
    }
    if (got > 0) {
        read_later();
    } else if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
        close();
    }
}

void Connection::take_bytes(ByteView bytes) {
    if (handler_ != nullptr) {
        handler_->on_bytes(bytes);
        return;
    }
    http_->parser.feed(bytes);
    parse_requests();
}

void Connection::write(SharedBytes bytes) {
    if (finishing_ || !socket_.is_open() || bytes.empty()) {
        return;
    }
    out_.push(std::move(bytes));
    mark_dirty();
}

void Connection::mark_dirty() {
    if (!dirty_) {
        dirty_ = true;
        loop_.flush_later(shared_from_this());
    }
}

void Connection::flush() {
    dirty_ = false;
    if (blocked_ || !socket_.is_open()) {
        return;
    }
    const std::size_t before = out_.bytes();
    const auto sent = out_.send(socket_.get());
    if (sent == OutQueue::Sent::failed) {
        close();
        return;
    }
    blocked_ = sent == OutQueue::Sent::blocked;
    if (before >= kMostUnsent && out_.bytes() < kMostUnsent) {
        read_later();
    }
    if (blocked_) {
        on_blocked(out_.bytes() < before);
    } else if (finishing_) {
        linger();
    } else if (http_ != nullptr) {
        watch_http_time();
    } else if (before > 0 && handler_ != nullptr) {
        handler_->on_drained();
    }
}

/// A peer may be slow for as long as it takes something.
void Connection::on_blocked(bool took_something) {
    if (finishing_) {
        if (took_something) {
            set_timer(kFinishTime);
        }
    } else if (http_ != nullptr) {
        if (took_something) {
            http_->phase = Http::Phase::none;
        }
        watch_http_time();
    }
}

void Connection::finish() {
    if (!finishing_ && socket_.is_open()) {
        finishing_ = true;
        set_timer(kFinishTime);
        mark_dirty();
    }
}

void Connection::abort() {
    out_.clear();
    loop_.post([self = shared_from_this()] { self->close(); });
}

/// Closing a socket with unread input resets the connection and may destroy what was just sent
/// (RFC 9112 9.6): the peer gets some time to close first.
void Connection::linger() {
    if (lingering_) {
        return;
    }
    lingering_ = true;
    ::shutdown(socket_.get(), SHUT_WR);
    set_timer(kLingerTime);
    discard_input();
}

void Connection::set_timer(Nanos delay) {
    if (delay > 0) {
        loop_.wheel().schedule(*this, delay);
    } else {
        TimerWheel::cancel(*this);
    }
}

void Connection::on_timer() {
    const auto self = shared_from_this();
    const bool is_http = handler_ == nullptr && !finishing_;
    if (handler_ != nullptr && !finishing_) {
        handler_->on_time();
    } else if (!is_http || http_->parser.is_idle() || http_->phase == Http::Phase::sending) {
        close();
    } else {
        Response late = problem(408, "the request did not arrive in time");
        late.close = true;
        refuse(late);
    }
}

void Connection::close() {
    if (!socket_.is_open()) {
        return;
    }
    const auto self = shared_from_this();
    set_timer(0);
    loop_.remove(socket_.get());
    socket_.close();
    out_.clear();
    if (handler_ != nullptr) {
        handler_->on_closed();
        handler_.reset();
    }
    owner_.on_closed(*this);
}

}  // namespace belfry::net
