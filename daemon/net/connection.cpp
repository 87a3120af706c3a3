#include "daemon/net/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <utility>

#include "daemon/net/http_date.hpp"

namespace belfry::net {
namespace {

/// How long a peer may take to read the rest and to close.
constexpr Nanos kLingerTime = 2 * kSecond;
constexpr Nanos kFinishTime = 10 * kSecond;

}  // namespace

Exchange::~Exchange() {
    if (loop_ != nullptr) {
        respond(problem(500, "the request was not answered"));
    }
}

void Exchange::respond(Response response) {
    Loop* loop = std::exchange(loop_, nullptr);
    assert(loop != nullptr);
    loop->post([connection = std::move(connection_), slot = slot_, response = std::move(response)] {
        if (const auto alive = connection.lock()) {
            alive->respond(slot, response);
        }
    });
}

Stream* Exchange::upgrade(unsigned status, const Headers& headers,
                          std::shared_ptr<StreamHandler> handler) {
    loop_ = nullptr;
    const auto alive = connection_.lock();
    return alive ? alive->upgrade(slot_, status, headers, std::move(handler)) : nullptr;
}

Connection::Connection(Loop& loop, Accepted accepted, const ConnectionSettings& settings,
                       ConnectionOwner& owner)
    : loop_(loop), settings_(settings), owner_(owner), socket_(std::move(accepted.socket)),
      http_(std::make_unique<Http>(settings.http)) {
    http_->peer = std::move(accepted.peer);
}

Connection::~Connection() = default;

void Connection::start() {
    loop_.add(socket_.get(), *this);
    watch_http_time();
}

void Connection::drain() {
    if (http_ != nullptr) {
        http_->no_more = true;
        if (http_->slots.empty()) {
            finish();
        }
    }
}

void Connection::on_ready(std::uint32_t events) {
    const auto self = shared_from_this();
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
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
}

bool Connection::wants_input() const {
    if (!socket_.is_open() || finishing_ || held_) {
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
    while (readable_ && wants_input()) {
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

void Connection::on_end_of_input() {
    if (http_ != nullptr && !http_->slots.empty()) {
        http_->no_more = true;  // a client may close its side and still wait for answers
    } else {
        close();
    }
}

void Connection::discard_input() {
    const auto scratch = loop_.scratch();
    ssize_t got = 0;
    while ((got = ::recv(socket_.get(), scratch.data(), scratch.size(), 0)) > 0) {
    }
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
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

void Connection::parse_requests() {
    while (http_ != nullptr && wants_input()) {
        auto request = http_->parser.next();
        if (!request) {
            refuse(request.error());
            return;
        }
        if (!*request) {
            if (http_->parser.take_expectation() && http_->slots.empty()) {
                write(SharedBytes::copy("HTTP/1.1 100 Continue\r\n\r\n"));
            }
            break;
        }
        handle(std::move(**request));
    }
    watch_http_time();
}

void Connection::handle(Request request) {
    request.peer = http_->peer;
    http_->slots.push_back({request.method == "HEAD", request.keep_alive, {}, !request.keep_alive});
    http_->no_more = !request.keep_alive;
    http_->exclusive = !request.header("upgrade").empty();
    const std::uint64_t slot = http_->first_slot + http_->slots.size() - 1;
    settings_.handler(std::move(request), Exchange(weak_from_this(), loop_, slot));
}

void Connection::refuse(const Response& response) {
    http_->slots.push_back({});
    http_->no_more = true;
    respond(http_->first_slot + http_->slots.size() - 1, response);
}

void Connection::respond(std::uint64_t slot, const Response& response) {
    if (http_ == nullptr || slot < http_->first_slot || !socket_.is_open()) {
        return;
    }
    Http::Slot& answered = http_->slots[slot - http_->first_slot];
    answered.is_last = answered.is_last || response.close;
    answered.response =
        to_wire(response, answered.head_only, !answered.is_last, http_date(loop_.clock().now()));
    release_responses();
}

void Connection::release_responses() {
    bool released = false;
    while (!http_->slots.empty() && !http_->slots.front().response.empty()) {
        const Http::Slot slot = std::move(http_->slots.front());
        http_->slots.pop_front();
        ++http_->first_slot;
        http_->exclusive = false;
        released = true;
        write(slot.response);
        if (slot.is_last || (http_->no_more && http_->slots.empty())) {
            finish();
            return;
        }
    }
    if (released) {
        // Requests may have been left in the parser or the socket while the pipeline was full.
        parse_requests();
        read_socket();
    }
}

Stream* Connection::upgrade(std::uint64_t slot, unsigned status, const Headers& headers,
                            std::shared_ptr<StreamHandler> handler) {
    if (http_ == nullptr || slot != http_->first_slot || http_->slots.size() != 1 || finishing_) {
        abort();
        return nullptr;
    }
    write(upgrade_head(status, headers, http_date(loop_.clock().now())));
    handler_ = std::move(handler);
    std::string rest = http_->parser.take_rest();
    http_.reset();
    set_timer(0);
    held_ = true;  // the caller does not have the stream yet
    loop_.post([self = shared_from_this(), rest = std::move(rest)] {
        self->held_ = false;
        if (!rest.empty() && self->handler_ != nullptr) {
            self->handler_->on_bytes(bytes_of(rest));
        }
        self->read_socket();
    });
    return this;
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
    const bool was_queued = !out_.empty();
    switch (out_.send(socket_.get())) {
        case OutQueue::Sent::failed: close(); return;
        case OutQueue::Sent::blocked: blocked_ = true; return;
        case OutQueue::Sent::all: break;
    }
    if (finishing_) {
        linger();
    } else if (was_queued && handler_ != nullptr) {
        handler_->on_drained();
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

void Connection::watch_http_time() {
    if (http_ == nullptr || !socket_.is_open() || finishing_) {
        return;
    }
    if (!http_->slots.empty()) {
        set_timer(0);
    } else if (http_->parser.is_idle()) {
        set_timer(http_->first_slot == 0 ? settings_.header_time : settings_.idle_time);
    } else if (!is_scheduled() || http_->parser.is_in_body()) {
        set_timer(http_->parser.is_in_body() ? settings_.body_time : settings_.header_time);
    }
}

void Connection::on_timer() {
    const auto self = shared_from_this();
    if (finishing_) {
        close();
    } else if (handler_ != nullptr) {
        handler_->on_time();
    } else if (http_->parser.is_idle()) {
        close();
    } else {
        refuse([] {
            Response late = problem(408, "the request did not arrive in time");
            late.close = true;
            return late;
        }());
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
