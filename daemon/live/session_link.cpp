/// What the transport and the socket do with a session.
#include "daemon/base/log.hpp"
#include "daemon/live/gateway.hpp"
#include "daemon/live/session.hpp"
#include "daemon/net/plugin_request.hpp"

#include <algorithm>
#include <utility>

namespace belfry::live {
namespace {

std::string_view view(bf_str text) { return {text.ptr, text.len}; }
}  // namespace

void Session::open(net::Request request, net::Exchange exchange, std::uint64_t route,
                   bool trusted) {
    const auto self = shared_from_this();
    opening_ = std::make_unique<Opening>();
    opening_->exchange = std::make_unique<net::Exchange>(std::move(exchange));
    opening_->request = std::move(request);
    opening_->trusted = trusted;
    const net::PluginRequest wire(opening_->request, route);
    state_ = encoder_->transport().open(*this, wire.wire());
    if (state_ == nullptr && stream_ != nullptr) {
        stream_->abort();
    } else if (state_ == nullptr && !is_over_) {
        respond(500, {}, {});
    }
}

void Session::respond(std::uint32_t status, std::span<const bf_pair> headers, ByteView body) {
    if (opening_ == nullptr || is_over_ || stream_ != nullptr) {
        return;
    }
    opening_->exchange->respond({.status = status,
                                 .headers = net::to_headers(headers),
                                 .body = std::string(text_of(body))});
    is_over_ = true;
    // The transport may be in the middle of a call for this link.
    shard_.parts().home.post([self = shared_from_this()] { self->leave(); });
}

void Session::upgrade(std::uint32_t status, std::span<const bf_pair> headers) {
    if (opening_ == nullptr || is_over_ || stream_ != nullptr) {
        return;
    }
    stream_ = opening_->exchange->upgrade(status, net::to_headers(headers), shared_from_this());
    if (stream_ == nullptr) {
        is_over_ = true;
        shard_.parts().home.post([self = shared_from_this()] { self->leave(); });
        return;
    }
    heard_at_ = moved_at_ = shard_.parts().clock.monotonic();
    if (!is_attached_ || principal_ == nullptr) {
        stream_->set_timer(settings().auth_time);
    }
}

void Session::write(SharedBytes bytes) {
    if (stream_ != nullptr) {
        stream_->write(std::move(bytes));
    }
}

void Session::finish() {
    if (stream_ != nullptr) {
        stream_->finish();
    }
}

void Session::attach(const bf_attach& how) {
    if (opening_ == nullptr || is_attached_) {
        return;
    }
    const Encoder* encoder = shard_.parts().encoders.find(encoder_->transport(), view(how.dialect));
    if (encoder == nullptr) {
        log::error("no application speaks the dialect of this path",
                   {{"dialect", view(how.dialect)}});
        respond(500, {}, {});
        return;
    }
    encoder_ = encoder;
    is_attached_ = true;
    if (how.flags != 0 || how.key.len != 0) {
        shard_.parts().home.post([self = shared_from_this()] {
            self->refuse({Code::refused, "this version has no sessions over several links"});
        });
        return;
    }
    const std::string_view credential = view(how.credential);
    if (credential.empty() && !opening_->trusted && encoder_->dialect().allows_late_login()) {
        device_ = view(how.device);
        opening_->since = view(how.since);
        // `open` may be on the stack, and the transport does not have its state yet.
        shard_.parts().home.post([self = shared_from_this()] {
            if (!self->is_over_ && self->state_ != nullptr) {
                self->tell_attached();
            }
        });
        return;
    }
    shard_.parts().home.post(
        [self = shared_from_this(), credential = std::string(credential),
         since = std::string(view(how.since)),
         device = std::string(view(how.device))] { self->login(credential, since, device); });
}

void Session::tell_attached() {
    const bf_attached attached{sizeof(bf_attached), BF_OK,          {}, 200, 0, {},
                               settings().ping,     settings().pong};
    encoder_->transport().attached(state_, attached);
}

void Session::join(std::string_view /*key*/) {
    shard_.parts().home.post([self = shared_from_this()] {
        if (!self->is_over_) {
            self->encoder_->transport().joined(self->state_, nullptr);
        }
    });
}

void Session::message(ByteView message, bool is_text) {
    alive();
    if (is_over_) {
        return;
    }
    if (message.size() > settings().message_bytes) {
        end(kCloseTooBig, "the message is too big");
        return;
    }
    if (!takes_message()) {
        end(kCloseRate, "too many messages");
        return;
    }
    encoder_->dialect().on_message(*this, message, is_text);
}

bool Session::takes_message() {
    const Nanos now = shard_.parts().clock.monotonic();
    const auto passed = static_cast<float>(now - allowance_at_) / static_cast<float>(kSecond);
    allowance_ = allowance_at_ == 0 ? settings().message_burst
                                    : std::min(settings().message_burst,
                                               allowance_ + passed * settings().message_rate);
    allowance_at_ = now;
    if (allowance_ < 1) {
        return false;
    }
    allowance_ -= 1;
    return true;
}

void Session::alive() {
    heard_at_ = shard_.parts().clock.monotonic();
    awaits_pong_ = false;
}

void Session::timer(std::int64_t delay) {
    const std::uint32_t own = ++timer_;
    if (delay <= 0) {
        return;
    }
    shard_.parts().home.after(delay, [weak = weak_from_this(), own] {
        if (const auto self = weak.lock(); self && !self->is_over_ && self->timer_ == own) {
            self->encoder_->transport().timer(self->state_);
        }
    });
}

void Session::want(std::uint64_t /*bytes*/) {}

void Session::on_bytes(ByteView bytes) {
    if (state_ != nullptr) {
        encoder_->transport().read(state_, bytes);
    }
}

void Session::on_drained() {
    if (state_ != nullptr) {
        encoder_->transport().drained(state_);
    }
    moved_at_ = shard_.parts().clock.monotonic();
    for (const auto& subscription : subscriptions_) {
        shard_.parts().hub.resume(*subscription);
    }
}

void Session::on_closed() {
    stream_ = nullptr;
    is_over_ = true;
    leave();
}

void Session::leave() {
    if (std::exchange(has_left_, true)) {
        return;
    }
    is_over_ = true;
    const auto self = shared_from_this();
    flush_acks();
    for (const auto& subscription : subscriptions_) {
        shard_.parts().hub.unfollow(*subscription);
    }
    subscriptions_.clear();
    tell_presence(false);
    if (principal_ != nullptr) {
        encoder_->dialect().on_closed(*this);
    }
    if (void* state = std::exchange(state_, nullptr)) {
        encoder_->transport().closed(state);
    }
    opening_.reset();
    shard_.remove(*this);
}

}  // namespace belfry::live
