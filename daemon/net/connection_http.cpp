/// Requests and responses of a connection, before it becomes a stream.
#include "daemon/net/connection.hpp"
#include "daemon/net/http_date.hpp"

#include <utility>

namespace belfry::net {

Exchange::~Exchange() {
    if (loop_ != nullptr) {
        respond(problem(500, "the request was not answered"));
    }
}

void Exchange::respond(Response response) {
    Loop* loop = std::exchange(loop_, nullptr);
    if (loop == nullptr || connection_.expired()) {
        return;
    }
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

void Connection::drain() {
    if (http_ != nullptr) {
        http_->no_more = true;
        if (http_->slots.empty()) {
            finish();
        }
    }
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
    http_->exclusive = !request.header("upgrade").empty();
    if (http_->exclusive && !http_->slots.empty()) {
        http_->waiting = std::move(request);
        return;
    }
    request.peer = http_->peer;
    http_->slots.push_back({request.method == "HEAD", request.keep_alive, {}, !request.keep_alive});
    http_->no_more = !request.keep_alive;
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
    answered.is_last =
        answered.is_last || response.close || (http_->no_more && &answered == &http_->slots.back());
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
        http_->exclusive = http_->waiting.has_value();
        released = true;
        write(slot.response);
        if (slot.is_last || (http_->no_more && http_->slots.empty())) {
            finish();
            return;
        }
    }
    if (http_->waiting && http_->slots.empty()) {
        handle(*std::exchange(http_->waiting, std::nullopt));
    }
    if (released) {
        // Requests may have been left in the parser or the socket while the pipeline was full.
        parse_requests();
        read_socket();
    }
}

Stream* Connection::upgrade(std::uint64_t slot, unsigned status, const Headers& headers,
                            std::shared_ptr<StreamHandler> handler) {
    if (!socket_.is_open()) {
        return nullptr;
    }
    if (http_ == nullptr || finishing_) {
        abort();
        return nullptr;
    }
    if (slot != http_->first_slot || http_->slots.size() != 1) {
        Response busy = problem(503, "a stream must be the only request in hand");
        busy.close = true;
        respond(slot, busy);
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

Connection::Http::Phase Connection::http_phase() const {
    if (!http_->slots.empty()) {
        return Http::Phase::answering;
    }
    if (blocked_) {
        return Http::Phase::sending;
    }
    if (http_->parser.is_idle()) {
        return Http::Phase::idle;
    }
    return http_->parser.is_in_body() ? Http::Phase::body : Http::Phase::head;
}

/// A deadline runs from the beginning of its phase, however often bytes come.
void Connection::watch_http_time() {
    if (http_ == nullptr || !socket_.is_open() || finishing_) {
        return;
    }
    const Http::Phase phase = http_phase();
    if (std::exchange(http_->phase, phase) == phase) {
        return;
    }
    const bool is_first = http_->first_slot == 0;
    switch (phase) {
        case Http::Phase::none:
        case Http::Phase::answering: set_timer(0); break;
        case Http::Phase::sending: set_timer(settings_.idle_time); break;
        case Http::Phase::idle:
            set_timer(is_first ? settings_.header_time : settings_.idle_time);
            break;
        case Http::Phase::head:
            // The first request's time runs since the connection was made.
            if (!is_first || !is_scheduled()) {
                set_timer(settings_.header_time);
            }
            break;
        case Http::Phase::body: set_timer(settings_.body_time); break;
    }
}

}  // namespace belfry::net
