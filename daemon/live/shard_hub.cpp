#include "daemon/live/shard_hub.hpp"

#include <algorithm>
#include <utility>

namespace belfry::live {
namespace {

constexpr std::size_t kHeadsPerCall = 512;

}  // namespace

ShardHub::ShardHub(Executor& home, Mailbox& mailbox, Interest& interest, Metrics& metrics,
                   const ShardHubSettings& settings)
    : home_(home), mailbox_(mailbox), interest_(interest), settings_(settings),
      delivered_(metrics.counter("belfry_entries_delivered_total",
                                 "Entries handed to sessions, live or from storage.")),
      lagged_(metrics.counter("belfry_sessions_lagged_total",
                              "Times a session was too slow and went on from storage.")),
      healed_(metrics.counter("belfry_gaps_healed_total",
                              "Gaps in a live session that were filled from storage.")),
      pages_(metrics.counter("belfry_pages_read_total", "Pages of entries read for sessions.")) {}

StreamState* ShardHub::find(const std::string& name) {
    const auto found = streams_.find(name);
    return found == streams_.end() ? nullptr : found->second.get();
}

void ShardHub::follow(Subscription& subscription, const std::string& stream, const Since& since) {
    auto& state = streams_[stream];
    if (!state) {
        state = std::make_unique<StreamState>();
        state->name = stream;
    }
    interest_.add(stream);  // before the head is read: see Interest
    subscription.stream = state.get();
    subscription.index = static_cast<std::uint32_t>(state->members.size());
    subscription.mode = Subscription::Mode::starting;
    subscription.cursor = ++last_ticket_;
    state->members.push_back(&subscription);
    starting_.emplace(last_ticket_, &subscription);
    Pending pending{last_ticket_, stream, since, 0};
    if (since.from == Since::From::device) {
        ask_cursor(std::move(pending));
    } else {
        ask_head(std::move(pending));
    }
}

void ShardHub::unfollow(Subscription& subscription) {
    StreamState* state = std::exchange(subscription.stream, nullptr);
    if (state == nullptr) {
        return;
    }
    interest_.remove(state->name);
    if (subscription.mode == Subscription::Mode::starting) {
        starting_.erase(subscription.cursor);
    }
    for (PageRead& read : state->reads) {
        std::erase(read.waiters, &subscription);
    }
    Subscription* last = state->members.back();
    state->members[subscription.index] = last;
    last->index = subscription.index;
    state->members.pop_back();
    if (state->members.empty()) {
        streams_.erase(state->name);
    }
}

void ShardHub::ask_cursor(Pending pending) {
    const std::string stream = pending.stream;
    const std::string device = pending.since.device;
    mailbox_.cursor(stream, device, home_,
                    [this, pending = std::move(pending)](const Result<Cursor>& cursor) mutable {
                        if (!cursor) {
                            answer(pending, std::unexpected(cursor.error()));
                            return;
                        }
                        pending.acknowledged = cursor->delivered;
                        ask_head(std::move(pending));
                    });
}

/// All heads wanted in one turn are one call: a storm of attaches is a few calls.
void ShardHub::ask_head(Pending pending) {
    asking_.push_back(std::move(pending));
    if (asking_.size() == 1) {
        home_.post([this] { ask_heads(); });
    }
}

void ShardHub::ask_heads() {
    const auto all = std::exchange(asking_, {});
    for (std::size_t from = 0; from < all.size(); from += kHeadsPerCall) {
        const auto to = std::min(from + kHeadsPerCall, all.size());
        std::vector<Pending> asked(all.begin() + static_cast<std::ptrdiff_t>(from),
                                   all.begin() + static_cast<std::ptrdiff_t>(to));
        std::vector<std::string> names;
        names.reserve(asked.size());
        for (const Pending& pending : asked) {
            names.push_back(pending.stream);
        }
        mailbox_.heads(
            names, home_, [this, asked = std::move(asked)](const Result<std::vector<Head>>& heads) {
                for (std::size_t i = 0; i < asked.size(); ++i) {
                    answer(asked[i],
                           heads ? Result<Head>((*heads)[i]) : std::unexpected(heads.error()));
                }
            });
    }
}

void ShardHub::answer(const Pending& pending, const Result<Head>& head) {
    const auto found = starting_.find(pending.ticket);
    if (found == starting_.end()) {
        return;  // unfollowed meanwhile
    }
    Subscription& subscription = *found->second;
    if (!head) {
        subscription.follower.on_followed(subscription, std::unexpected(head.error()));
        return;
    }
    starting_.erase(found);
    learn_head(*subscription.stream, *head);
    const Position position = decide(pending.since, pending.acknowledged, *head);
    subscription.cursor = position.seq;
    subscription.mode = Subscription::Mode::waiting;
    subscription.follower.on_followed(subscription, position);
}

void ShardHub::learn_head(StreamState& stream, const Head& head) {
    if (stream.epoch != head.epoch) {
        if (stream.epoch != 0) {
            change_epoch(stream, head);
        }
        stream.epoch = head.epoch;
        stream.head = 0;
    }
    stream.head = std::max(stream.head, head.head);
}

void ShardHub::start_sweeping() {
    home_.after(settings_.hurried_sweep, [this] {
        unswept_ += settings_.hurried_sweep;
        if (!is_hurried_ && unswept_ < settings_.sweep) {
            start_sweeping();
            return;
        }
        unswept_ = 0;
        auto names = std::make_shared<std::vector<std::string>>();
        names->reserve(streams_.size());
        for (const auto& [name, stream] : streams_) {
            names->push_back(name);
        }
        sweep(names);
    });
}

/// One call after the other, so that a sweep is a trickle however many streams are followed.
void ShardHub::sweep(const std::shared_ptr<std::vector<std::string>>& names) {
    if (names->empty()) {
        start_sweeping();
        return;
    }
    const auto count = std::min(names->size(), kHeadsPerCall);
    const std::vector<std::string> asked(names->end() - static_cast<std::ptrdiff_t>(count),
                                         names->end());
    names->resize(names->size() - count);
    mailbox_.heads(asked, home_, [this, names](const Result<std::vector<Head>>& heads) {
        for (const Head& head : heads ? *heads : std::vector<Head>{}) {
            heal(head);
        }
        sweep(names);
    });
}

/// Live members that have not been given the newest entry go and read.
void ShardHub::heal(const Head& head) {
    StreamState* stream = find(head.stream);
    if (stream == nullptr || !head.exists) {
        return;
    }
    learn_head(*stream, head);
    for (Subscription* member : stream->members) {
        if (member->mode == Subscription::Mode::live && member->cursor < stream->head) {
            healed_.Increment();
            read_page(*member);
        }
    }
}

}  // namespace belfry::live
