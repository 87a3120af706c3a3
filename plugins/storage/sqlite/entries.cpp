#include "plugins/storage/sqlite/entries.hpp"

#include "plugins/storage/sqlite/request.hpp"

#include <algorithm>

namespace belfry::sqlite {

using sdk::view;

namespace {

// From here on it pays to write a fan-out in the order of the table.
constexpr std::size_t kSortedFanout = 32;

/// What a mark of the whole stream needs not look at again.
std::uint64_t marked_before(const Stream& stream, std::uint32_t set) {
    std::uint64_t least = stream.head;
    for (std::uint32_t bit = 0; bit < 32; ++bit) {
        if ((set & 1U << bit) != 0) {
            least = std::min(least, bit < kStateBits ? stream.marked.at(bit) : 0);
        }
    }
    return least;
}

void note_marked(Stream& stream, const bf_op_mark& op, std::uint64_t from, std::uint64_t to) {
    for (std::uint32_t bit = 0; bit < kStateBits; ++bit) {
        auto& marked = stream.marked.at(bit);
        if ((op.set & 1U << bit) != 0) {
            if (from <= std::max(marked + 1, stream.earliest)) {
                marked = std::max(marked, to);
            }
        } else if ((op.clear & 1U << bit) != 0) {
            marked = std::min(marked, from - 1);
        }
    }
}

}  // namespace

EntrySearch::EntrySearch(SQLite::Database& database)
    : ref_at_(database, "SELECT ref FROM entries WHERE stream_id = ? AND seq = ?") {}

std::uint64_t EntrySearch::find(std::int64_t stream, std::uint64_t earliest, std::uint64_t head,
                                std::int64_t ref) {
    auto low = earliest;
    auto high = head + 1;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        auto rows = ref_at_.query(stream, middle);
        const auto found = rows.next() ? rows.number(0) : 0;
        if (found == ref) {
            return middle;
        }
        if (found < ref) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

Entries::Entries(SQLite::Database& database, Streams& streams, Bodies& bodies)
    : streams_(streams), bodies_(bodies), search_(database),
      insert_(database, "INSERT INTO entries VALUES (?, ?, ?, ?, 0, 0)"),
      count_read_(database,
                  "SELECT count(*) FROM entries WHERE stream_id = ? AND seq BETWEEN ? AND ?"
                  " AND kind = 0 AND (state & 1) <> ?"),
      mark_(database,
            "UPDATE entries SET state = state & ~?5 | ?4,"
            " read_at = CASE WHEN ((state & ~?5 | ?4) & 1) = 0 THEN 0"
            " WHEN (state & 1) = 0 THEN ?6 ELSE read_at END"
            " WHERE stream_id = ?1 AND seq BETWEEN ?2 AND ?3 AND (state & ~?5 | ?4) <> state"),
      cursor_(database,
              "INSERT INTO cursors VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
              " delivered = max(delivered, excluded.delivered), read = max(read, excluded.read)") {}

Fault Entries::append(const bf_op_append& op, sdk::OpResult& result) {
    if ((op.flags & BF_APPEND_REPEATED) != 0) {
        if (const auto ref = bodies_.ref_of(op)) {
            return refuse_known(op, {*ref, true}, result);
        }
    }
    if (op.notification->event_id.len != 0) {
        if (const auto known = bodies_.remember(op)) {
            return refuse_known(op, *known, result);
        }
    }
    place(op, result);
    const auto ref = bodies_.next_ref();
    for (const auto& place : places_) {
        insert_.run(place.stream, place.seq, ref, op.entry_kind);
    }
    bodies_.write(op);
    result.id = view(op.notification->id);
    return {};
}

void Entries::place(const bf_op_append& op, sdk::OpResult& result) {
    places_.clear();
    result.epochs.reserve(op.stream_count);
    result.seqs.reserve(op.stream_count);
    for (const auto& name : std::span(op.streams, op.stream_count)) {
        Stream& stream = streams_.obtain(view(name));
        streams_.touch(stream);
        ++stream.head;
        if (op.entry_kind == BF_ENTRY_NOTIFICATION) {
            ++stream.unread;
        }
        places_.push_back({stream.id, stream.head});
        result.epochs.push_back(stream.epoch);
        result.seqs.push_back(stream.head);
    }
    if (places_.size() >= kSortedFanout) {
        std::ranges::sort(places_, {}, &Place::stream);
    }
}

Fault Entries::refuse_known(const bf_op_append& op, const Bodies::Known& known,
                            sdk::OpResult& result) {
    const std::string event = "event \"" + std::string(view(op.notification->event_id)) +
                              "\" of \"" + std::string(view(op.notification->source)) + "\"";
    if (!known.same_content) {
        return {sdk::Status::conflict, event + " was stored before with other content"};
    }
    result.id = bodies_.id_of(known.ref);
    for (const auto& name : std::span(op.streams, op.stream_count)) {
        const Stream* stream = streams_.find(view(name));
        result.epochs.push_back(stream == nullptr ? 0 : stream->epoch);
        result.seqs.push_back(stream == nullptr ? 0
                                                : search_.find(stream->id, stream->earliest,
                                                               stream->head, known.ref));
    }
    return {sdk::Status::duplicate, event + " was stored before"};
}

Fault Entries::mark(const bf_op_mark& op, sdk::OpResult& result) {
    Stream* stream = streams_.find(view(op.stream));
    if (stream == nullptr) {
        return {};
    }
    streams_.touch(*stream);
    for (const auto seq : std::span(op.seqs, op.seq_count)) {
        if (seq >= stream->earliest && seq <= stream->head) {
            result.count += mark_range(op, *stream, {seq, seq});
        }
    }
    if (op.up_to != 0) {
        result.count += mark_up_to(op, *stream);
    }
    result.value[0] = stream->unread;
    return {};
}

std::uint64_t Entries::mark_up_to(const bf_op_mark& op, Stream& stream) {
    const auto skip = op.clear == 0 ? marked_before(stream, op.set) : 0;
    const Range range{std::max(stream.earliest, skip + 1), std::min(op.up_to, stream.head)};
    return range.from > range.to ? 0 : mark_range(op, stream, range);
}

std::uint64_t Entries::mark_range(const bf_op_mark& op, Stream& stream, Range range) {
    const bool sets = (op.set & BF_STATE_READ) != 0;
    if (sets || (op.clear & BF_STATE_READ) != 0) {
        auto rows = count_read_.query(stream.id, range.from, range.to, sets ? 1 : 0);
        rows.next();
        const auto turned = rows.count(0);
        stream.unread = sets ? stream.unread - turned : stream.unread + turned;
    }
    const auto changed = mark_.run(stream.id, range.from, range.to, op.set, op.clear, op.time);
    note_marked(stream, op, range.from, range.to);
    return static_cast<std::uint64_t>(changed);
}

Fault Entries::cursor(const bf_op_cursor& op) {
    cursor_.run(view(op.stream), view(op.device), to_signed(op.delivered), to_signed(op.read));
    return {};
}

}  // namespace belfry::sqlite
