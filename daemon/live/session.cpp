#include "daemon/live/session.hpp"

#include "daemon/net/http_message.hpp"
#include "daemon/net/plugin_request.hpp"

#include <algorithm>
#include <utility>

namespace belfry::live {
namespace {

constexpr std::size_t kLongestDevice = 64;

Result<> check_device(std::string_view device) {
    const bool is_printable =
        std::ranges::all_of(device, [](char byte) { return byte > 0x20 && byte < 0x7f; });
    if (device.size() > kLongestDevice || !is_printable) {
        return fail(Code::invalid, "device: expected at most " + std::to_string(kLongestDevice) +
                                       " printable ASCII characters without spaces");
    }
    return {};
}

/// The same attach would fail again.
bool is_final(Code code) {
    return code == Code::unauthenticated || code == Code::refused || code == Code::invalid;
}

}  // namespace

Session::Session(SessionShard& shard, const Encoder& encoder) : shard_(shard), encoder_(&encoder) {}

Session::~Session() = default;

void Session::tell(std::string_view message, std::string_view event, std::string_view token) {
    if (!message.empty()) {
        write(encoder_->frame(message, event, token));
    }
}

// ---- attaching
// ------------------------------------------------------------------------------------

void Session::login(std::string_view credential, std::string_view since, std::string_view device) {
    if (is_over_ || opening_ == nullptr) {
        return;
    }
    Result<Principal> principal = credential.empty() && opening_->trusted
                                      ? Result<Principal>(Principal::admin())
                                      : shard_.parts().authenticate(credential);
    if (!principal) {
        refuse(principal.error());
        return;
    }
    if (!device.empty()) {
        device_ = device;
    }
    if (auto checked = check_device(device_); !checked) {
        refuse(checked.error());
        return;
    }
    principal_ = std::make_shared<const Principal>(std::move(*principal));
    if (!device_.empty()) {
        // Streams are shared between users, cursors are not.
        device_ = principal_->id + '/' + device_;
    }
    if (!since.empty()) {
        opening_->since = since;
    }
    const net::PluginRequest request(opening_->request, 0);
    encoder_->dialect().open(*this, &request.wire(),
                             [weak = weak_from_this()](Result<SessionSetup> setup) {
                                 if (const auto self = weak.lock(); self && !self->is_over_) {
                                     self->follow_all(std::move(setup));
                                 }
                             });
}

void Session::follow_all(Result<SessionSetup> setup) {
    if (!setup) {
        refuse(setup.error());
        return;
    }
    if (setup->streams.size() > settings().streams) {
        refuse({Code::invalid, "too many streams for one session"});
        return;
    }
    const bool from_head = setup->from_head && opening_->since.empty();
    const auto since = parse_since(from_head ? "latest" : opening_->since, device_);
    if (!since) {
        refuse(since.error());
        return;
    }
    opening_->greeting = std::move(setup->greeting);
    opening_->awaited = setup->streams.size();
    if (setup->streams.empty()) {
        attached();
        return;
    }
    for (const std::string& stream : setup->streams) {
        auto& subscription = subscriptions_.emplace_back(std::make_unique<Subscription>(*this));
        shard_.parts().hub.follow(*subscription, stream, *since);
    }
}

void Session::attached() {
    if (stream_ == nullptr) {
        tell_attached();
    }
    if (is_over_) {
        return;
    }
    if (stream_ == nullptr) {
        refuse({Code::unavailable, "the transport did not open the stream"});
        return;
    }
    greet();
}

void Session::greet() {
    const auto opening = std::exchange(opening_, nullptr);
    std::vector<Following> following;
    following.reserve(opening->positions.size());
    for (const auto& [subscription, position] : opening->positions) {
        following.push_back({subscription->stream->name, position});
    }
    const std::string token =
        following.size() == 1
            ? Token{following[0].position.head.epoch, following[0].position.seq}.print()
            : std::string();
    tell(encoder_->dialect().hello(*this, following), "hello", token);
    for (const std::string& message : opening->greeting) {
        tell(message, "greeting");
    }
    for (const auto& [subscription, position] : opening->positions) {
        shard_.parts().hub.begin(*subscription);
    }
    for (const auto& [stream, since] : opening->wishes) {
        since ? subscribe(stream, *since) : unsubscribe(stream);
    }
    watch();
    tell_presence(true);
    if (const auto left = shard_.time_to_leave()) {
        go_away(*left);
    }
}

/// Services and whoever is trusted without a name are nobody's presence.
void Session::tell_presence(bool is_there) {
    const bool is_user = principal_ != nullptr && !principal_->id.empty() &&
                         principal_->kind != PrincipalKind::service;
    if (shard_.parts().attendance && is_user && std::exchange(is_present_, is_there) != is_there) {
        shard_.parts().attendance(principal_->id, is_there);
    }
}

void Session::refuse(const Error& error) {
    if (stream_ != nullptr) {
        tell(encoder_->dialect().failed(error, "auth"), "error");
        end(is_final(error.code) ? kCloseUnauthenticated : kCloseRestart, error.message);
        return;
    }
    const net::Response problem = net::problem(error);
    const bf_attached refused{sizeof(bf_attached),
                              error.code == Code::unauthenticated ? BF_REFUSED : BF_UNAVAILABLE,
                              {error.message.data(), error.message.size()},
                              problem.status,
                              0,
                              {problem.body.data(), problem.body.size()},
                              settings().ping,
                              settings().pong};
    encoder_->transport().attached(state_, refused);
}

// ---- life
// -----------------------------------------------------------------------------------------

void Session::watch() {
    if (stream_ == nullptr || is_leaving_) {
        return;
    }
    Nanos delay = awaits_pong_ ? settings().pong : settings().ping;
    if (principal_->expires_at > 0) {
        const Nanos left = principal_->expires_at - shard_.parts().clock.now();
        delay = std::clamp<Nanos>(left, 1, delay);
    }
    stream_->set_timer(delay);
}

void Session::on_time() {
    if (is_leaving_) {
        end(kCloseRestart, "the server is going away");
    } else if (principal_ == nullptr) {
        end(kCloseUnauthenticated, "no login in time");
    } else if (principal_->expires_at > 0 && shard_.parts().clock.now() >= principal_->expires_at) {
        end(kCloseUnauthenticated, "the token has expired");
    } else {
        check_life();
    }
}

/// While bytes wait for the client, progress of the queue is its sign of life; else it is pinged.
void Session::check_life() {
    const Nanos now = shard_.parts().clock.monotonic();
    const std::size_t queued = stream_->queued();
    if (queued < queued_then_ || queued == 0) {
        moved_at_ = now;
    }
    queued_then_ = queued;
    if (queued > 0 && now - moved_at_ >= settings().stuck) {
        end(kCloseStuck, "the client takes nothing");
        return;
    }
    const bool one_way = (encoder_->transport().flags() & BF_TRANSPORT_ONE_WAY) != 0;
    if (queued == 0 && awaits_pong_ && !one_way) {
        end(kCloseSilent, "no sign of life");
        return;
    }
    if (queued == 0 && now - heard_at_ >= settings().ping / 2) {
        write(encoder_->ping());
        awaits_pong_ = !one_way;
    }
    watch();
}

void Session::go_away(Nanos after) {
    if (stream_ == nullptr || is_leaving_) {
        return;
    }
    tell(encoder_->dialect().goaway(after), "goaway");
    is_leaving_ = true;
    stream_->set_timer(std::max<Nanos>(after, 1));
}

void Session::end(std::uint32_t code, std::string_view reason) {
    if (stream_ == nullptr || is_over_) {
        return;
    }
    is_over_ = true;
    encoder_->transport().close(state_, code, reason);
    stream_->finish();
}

// ---- bf_session: any thread
// -------------------------------------------------------------------------

void Session::send(ByteView message) {
    shard_.parts().home.post([self = shared_from_this(), text = std::string(text_of(message))] {
        self->tell(text, "message");
    });
}

void Session::set_streams(std::vector<std::string> streams) {
    shard_.parts().home.post([self = shared_from_this(), streams = std::move(streams)] {
        std::vector<std::string> left;
        for (const auto& subscription : self->subscriptions_) {
            if (!std::ranges::count(streams, subscription->stream->name)) {
                left.push_back(subscription->stream->name);
            }
        }
        for (const std::string& stream : left) {
            self->unsubscribe(stream);
        }
        for (const std::string& stream : streams) {
            if (self->find(stream) == nullptr) {
                self->subscribe(stream, "latest");
            }
        }
    });
}

void Session::close(std::uint32_t code, std::string_view reason) {
    shard_.parts().home.post(
        [self = shared_from_this(), code, text = std::string(reason)] { self->end(code, text); });
}

}  // namespace belfry::live
