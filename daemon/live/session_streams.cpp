/// The streams a session follows.
#include "daemon/base/log.hpp"
#include "daemon/live/session.hpp"
#include "daemon/mailbox/names.hpp"

#include <algorithm>
#include <utility>

namespace belfry::live {

Subscription* Session::find(std::string_view stream) const {
    const auto found = std::ranges::find_if(subscriptions_, [stream](const auto& subscription) {
        return subscription->stream->name == stream;
    });
    return found == subscriptions_.end() ? nullptr : found->get();
}

void Session::drop(Subscription& subscription) {
    shard_.parts().hub.unfollow(subscription);
    std::erase_if(subscriptions_, [&](const auto& own) { return own.get() == &subscription; });
}

/// A user follows the own mailbox and any topic; admins and services follow what they like.
Result<> Session::may_follow(std::string_view stream) const {
    if (auto checked = check_stream(stream); !checked) {
        return checked;
    }
    const bool is_user = principal_->kind == PrincipalKind::user;
    if (is_user && stream.starts_with(kUserPrefix) && stream != user_stream(principal_->id)) {
        return fail(Code::not_found, "no such stream");
    }
    return {};
}

/// Wishes wait until hello has been said; a client has no more of them than a session has streams.
void Session::wish(const std::string& stream, std::optional<std::string> since) {
    if (opening_->wishes.size() < settings().streams && check_stream(stream)) {
        opening_->wishes.emplace_back(stream, std::move(since));
    } else {
        tell(encoder_->dialect().failed({Code::limited, "log in first"}, "subscribe"), "error");
    }
}

bool Session::was_given(const Subscription& subscription, const Token& token) {
    return subscription.mode != Subscription::Mode::starting &&
           token.epoch == subscription.stream->epoch && token.seq <= subscription.cursor;
}

void Session::subscribe(const std::string& stream, std::string_view since) {
    if (stream_ == nullptr || principal_ == nullptr) {
        return;
    }
    if (opening_ != nullptr) {
        wish(stream, std::string(since));
        return;
    }
    const auto refuse_it = [this](const Error& error) {
        tell(encoder_->dialect().failed(error, "subscribe"), "error");
    };
    if (auto allowed = may_follow(stream); !allowed) {
        refuse_it(allowed.error());
        return;
    }
    const auto from = parse_since(since, device_);
    if (!from) {
        refuse_it(from.error());
        return;
    }
    if (find(stream) != nullptr) {
        refuse_it({Code::duplicate, "the session follows " + stream + " already"});
        return;
    }
    if (subscriptions_.size() >= settings().streams) {
        refuse_it({Code::limited, "the session follows too many streams"});
        return;
    }
    auto& subscription = subscriptions_.emplace_back(std::make_unique<Subscription>(*this));
    shard_.parts().hub.follow(*subscription, stream, *from);
}

void Session::unsubscribe(const std::string& stream) {
    if (opening_ != nullptr) {
        wish(stream, std::nullopt);
        return;
    }
    if (Subscription* subscription = find(stream)) {
        drop(*subscription);
    }
}

void Session::on_followed(Subscription& subscription, Result<Position> position) {
    if (is_over_) {
        return;
    }
    if (opening_ != nullptr) {
        if (!position) {
            refuse(position.error());
            return;
        }
        opening_->positions.emplace_back(&subscription, std::move(*position));
        if (--opening_->awaited == 0) {
            attached();
        }
        return;
    }
    if (!position) {
        tell(encoder_->dialect().failed(position.error(), "subscribe"), "error");
        // The hub is still working on this subscription.
        shard_.parts().home.post([self = shared_from_this(), name = subscription.stream->name] {
            self->unsubscribe(name);
        });
        return;
    }
    const Following following{subscription.stream->name, *position};
    tell(encoder_->dialect().subscribed(following), "subscribed");
    shard_.parts().hub.begin(subscription);
}

void Session::on_lost(Subscription& subscription, const Position& position) {
    tell(encoder_->dialect().lost({subscription.stream->name, position}), "lost",
         Token{position.head.epoch, position.seq}.print());
}

bool Session::has_room(std::size_t bytes) const {
    return stream_ == nullptr || stream_->queued() == 0 ||
           (stream_->queued() + bytes <= settings().queue_bytes &&
            stream_->queued_pieces() < settings().queue_pieces);
}

bool Session::is_drained() const { return stream_ == nullptr || stream_->queued() == 0; }

void Session::push(const SharedBytes& frames) { write(frames); }

// ---- acknowledging
// --------------------------------------------------------------------------------

Result<> Session::acknowledge(const std::string& stream, const Token& token) {
    const Subscription* subscription = find(stream);
    if (subscription == nullptr) {
        return fail(Code::not_found, "the session does not follow " + stream);
    }
    if (device_.empty()) {
        return fail(Code::invalid, "an ack needs a device; name one when attaching");
    }
    if (!was_given(*subscription, token)) {
        return fail(Code::invalid, "the token is not one this session has been given");
    }
    PendingAck& pending = pending_ack(stream, token.epoch);
    pending.delivered = std::max(pending.delivered, token.seq);
    return {};
}

/// What a client says of a stream within a second is one write.
Session::PendingAck& Session::pending_ack(const std::string& stream, std::uint64_t epoch) {
    const auto same = std::ranges::find(acks_, stream, &PendingAck::stream);
    if (same != acks_.end()) {
        if (same->epoch != epoch) {
            *same = {stream, epoch, 0, 0};  // what was said of the former one is void
        }
        return *same;
    }
    if (acks_.empty()) {
        shard_.parts().home.after(settings().ack_delay, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) {
                self->flush_acks();
            }
        });
    }
    return acks_.emplace_back(PendingAck{stream, epoch, 0, 0});
}

void Session::flush_acks() {
    for (const PendingAck& ack : std::exchange(acks_, {})) {
        if (ack.delivered != 0) {
            shard_.parts().mailbox.acknowledge(
                {ack.stream, device_, ack.delivered, 0, ack.epoch}, [](const Result<>& done) {
                    if (!done) {
                        log::warning("acks could not be stored",
                                     {{"reason", done.error().message}});
                    }
                });
        }
        if (ack.read != 0) {
            store_read(ack);
        }
    }
}

void Session::store_read(const PendingAck& ack) {
    Mark mark;
    mark.stream = ack.stream;
    mark.set = kStateRead;
    mark.up_to = ack.read;
    mark.epoch = ack.epoch;
    shard_.parts().mailbox.mark(std::move(mark), [](const Result<Mailbox::Marked>& done) {
        if (!done) {
            log::warning("read marks could not be stored", {{"reason", done.error().message}});
        }
    });
}

Result<> Session::mark_read(const std::string& stream, const Token& token) {
    const Subscription* subscription = find(stream);
    if (subscription == nullptr) {
        return fail(Code::not_found, "the session does not follow " + stream);
    }
    if (!was_given(*subscription, token)) {
        return fail(Code::invalid, "the token is not one this session has been given");
    }
    if (!stream.starts_with(kUserPrefix)) {
        return fail(Code::invalid, "only a mailbox has read marks");
    }
    PendingAck& pending = pending_ack(stream, token.epoch);
    pending.read = std::max(pending.read, token.seq);
    return {};
}

}  // namespace belfry::live
