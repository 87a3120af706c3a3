/// How entries reach the followers: handed out live, or read in pages.
#include "daemon/base/log.hpp"
#include "daemon/live/shard_hub.hpp"

#include <algorithm>
#include <utility>

namespace belfry::live {

using Mode = Subscription::Mode;

void ShardHub::begin(Subscription& subscription) { advance(subscription); }

void ShardHub::resume(Subscription& subscription) {
    if (subscription.stream != nullptr && subscription.mode == Mode::waiting) {
        advance(subscription);
    }
}

void ShardHub::advance(Subscription& subscription) {
    if (subscription.cursor >= subscription.stream->head) {
        subscription.mode = Mode::live;
    } else {
        read_page(subscription);
    }
}

// ---- live
// -----------------------------------------------------------------------------------------

void ShardHub::take(const std::vector<Place>& places, bool is_heard) {
    std::vector<StreamState*> touched;
    for (const Place& place : places) {
        StreamState* stream = find(place.stream);
        if (stream == nullptr) {
            continue;
        }
        if (is_heard && stream->epoch != 0 && stream->epoch != place.epoch) {
            doubt(place.stream);
            continue;
        }
        const bool continues = !stream->fresh.empty() && stream->epoch == place.epoch &&
                               stream->fresh.back().seq + 1 == place.entry.seq;
        if (!stream->fresh.empty() && !continues) {
            hand_out(*stream);
        }
        if (stream->epoch != 0 && stream->epoch != place.epoch) {
            // A new epoch: what is lost lies before this entry, not with it.
            learn_head(*stream, {true, place.epoch, 1, place.entry.seq - 1, 0, {}});
        }
        learn_head(*stream, {true, place.epoch, 1, place.entry.seq, 0, {}});
        if (stream->fresh.empty()) {
            touched.push_back(stream);
        }
        stream->fresh.push_back(place.entry);
    }
    for (StreamState* stream : touched) {
        hand_out(*stream);
    }
}

void ShardHub::on_heard(const Heard& heard) {
    take(heard.places, true);
    for (const Head& head : heard.heads) {
        const StreamState* stream = find(head.stream);
        if (stream != nullptr && stream->epoch != 0 && stream->epoch != head.epoch) {
            doubt(head.stream);
        } else {
            heal(head);
        }
    }
}

/// A message may be older than the stream's epoch, or the first of a new one.
void ShardHub::doubt(const std::string& stream) {
    doubted_.insert(stream);
    if (!std::exchange(is_asking_doubted_, true)) {
        home_.post([this] { ask_doubted(); });
    }
}

void ShardHub::ask_doubted() {
    const std::set<std::string> doubted = std::exchange(doubted_, {});
    is_asking_doubted_ = !doubted.empty();
    if (doubted.empty()) {
        return;
    }
    const std::vector<std::string> names(doubted.begin(), doubted.end());
    mailbox_.heads(names, home_, [this](const Result<std::vector<Head>>& heads) {
        for (const Head& head : heads ? *heads : std::vector<Head>{}) {
            heal(head);
        }
        ask_doubted();
    });
}

void ShardHub::hand_out(StreamState& stream) {
    if (stream.fresh.empty()) {
        return;
    }
    const std::vector<Entry> entries = std::exchange(stream.fresh, {});
    FrameCache frames(stream.name, stream.epoch, entries);
    const std::uint64_t first = entries.front().seq;
    const std::uint64_t last = entries.back().seq;
    for (Subscription* member : stream.members) {
        if (member->mode != Mode::live || member->cursor >= last) {
            continue;
        }
        if (member->cursor + 1 == first) {
            deliver(*member, frames.frames(member->follower.encoder()), entries);
        } else {
            // A gap, or a run it has a part of already: storage knows.
            healed_.Increment();
            read_page(*member);
        }
    }
}

void ShardHub::deliver(Subscription& subscription, const SharedBytes& frames,
                       std::span<const Entry> entries) {
    if (!subscription.follower.has_room(frames.size())) {
        subscription.mode = Mode::waiting;
        lagged_.Increment();
        return;
    }
    if (!frames.empty()) {
        subscription.follower.push(frames);
    }
    subscription.cursor = entries.back().seq;
    delivered_.Increment(static_cast<double>(entries.size()));
}

// ---- from storage
// ---------------------------------------------------------------------------------

void ShardHub::read_page(Subscription& subscription) {
    subscription.mode = Mode::reading;
    StreamState& stream = *subscription.stream;
    const auto same = std::ranges::find(stream.reads, subscription.cursor, &PageRead::after);
    if (same != stream.reads.end()) {
        same->waiters.push_back(&subscription);
        return;
    }
    stream.reads.push_back({subscription.cursor, {&subscription}});
    issue_read(stream.name, subscription.cursor);
}

void ShardHub::issue_read(const std::string& name, std::uint64_t after) {
    pages_.Increment();
    ReadQuery query;
    query.stream = name;
    query.after = after;
    query.limit = settings_.page_entries;
    query.max_bytes = settings_.page_bytes;
    mailbox_.read(query, home_,
                  [this, name, after](const Result<Page>& page) { on_page(name, after, page); });
}

void ShardHub::on_page(const std::string& name, std::uint64_t after, const Result<Page>& page) {
    StreamState* stream = find(name);
    if (stream == nullptr) {
        return;
    }
    const auto found = std::ranges::find(stream->reads, after, &PageRead::after);
    if (found == stream->reads.end()) {
        return;
    }
    if (found->waiters.empty()) {
        stream->reads.erase(found);
        return;
    }
    if (!page) {
        if (!std::exchange(is_storage_away_, true)) {
            log::warning("pages cannot be read", {{"reason", page.error().message}});
        }
        home_.after(settings_.retry, [this, name, after] {
            if (StreamState* still = find(name);
                still != nullptr &&
                std::ranges::find(still->reads, after, &PageRead::after) != still->reads.end()) {
                issue_read(name, after);
            }
        });
        return;
    }
    if (std::exchange(is_storage_away_, false)) {
        log::info("pages can be read again");
    }
    PageRead read = std::move(*found);
    stream->reads.erase(found);
    feed_page(*stream, std::move(read), *page);
}

void ShardHub::feed_page(StreamState& stream, PageRead read, const Page& page) {
    const std::uint64_t epoch = stream.epoch;
    learn_head(stream, page.head);
    if (page.head.head <= read.after) {
        stream.head = page.head.head;  // what was heard of is not there: storage is the truth
    }
    if (epoch != stream.epoch) {
        for (Subscription* waiter : read.waiters) {
            advance(*waiter);
        }
        return;
    }
    // Not for those that a change of epoch has moved while the page was on its way.
    std::erase_if(read.waiters, [&](Subscription* waiter) {
        const bool was_moved = waiter->cursor != read.after;
        if (was_moved) {
            advance(*waiter);
        }
        return was_moved;
    });
    skip_missing(read, page);
    FrameCache frames(stream.name, stream.epoch, page.entries);
    for (Subscription* waiter : read.waiters) {
        if (!page.entries.empty()) {
            const SharedBytes& bytes = frames.frames(waiter->follower.encoder());
            if (!bytes.empty()) {
                waiter->follower.push(bytes);
            }
            waiter->cursor = page.entries.back().seq;
            delivered_.Increment(static_cast<double>(page.entries.size()));
        }
        waiter->mode = Mode::waiting;
        if (waiter->cursor >= stream.head || waiter->follower.is_drained()) {
            advance(*waiter);
        }
    }
}

/// Retention may have overtaken a slow reader: it is told, never skipped in silence.
void ShardHub::skip_missing(const PageRead& read, const Page& page) {
    const std::uint64_t next = page.entries.empty() ? page.head.head + 1 : page.entries.front().seq;
    if (next <= read.after + 1) {
        return;
    }
    for (Subscription* waiter : read.waiters) {
        waiter->cursor = next - 1;
        waiter->follower.on_lost(*waiter, {page.head, next - 1, false, "expired"});
    }
}

void ShardHub::change_epoch(StreamState& stream, const Head& head) {
    for (Subscription* member : stream.members) {
        if (member->mode == Mode::starting) {
            continue;
        }
        member->cursor = head.head;
        member->follower.on_lost(*member, {head, head.head, false, "epoch_changed"});
    }
}

}  // namespace belfry::live
