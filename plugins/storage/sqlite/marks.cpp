#include "plugins/storage/sqlite/marks.hpp"

#include <algorithm>
#include <span>

namespace belfry::sqlite {

using sdk::view;

namespace {

/// The storage's own; nobody else's mark touches them.
constexpr std::uint32_t kOwnBits = BF_STATE_REVISED | BF_STATE_RETRACTED;

bf_op_mark allowed(const bf_op_mark& op) {
    auto mark = op;
    mark.set &= ~kOwnBits;
    mark.clear &= ~kOwnBits;
    return mark;
}

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

Marks::Marks(SQLite::Database& database, Streams& streams, Bodies& bodies)
    : streams_(streams), bodies_(bodies), search_(database),
      count_read_(database,
                  "SELECT count(*) FROM entries WHERE stream_id = ? AND seq BETWEEN ? AND ?"
                  " AND kind = 0 AND (state & 17) = ?"),
      mark_(database,
            "UPDATE entries SET state = state & ~?5 | ?4,"
            " read_at = CASE WHEN ((state & ~?5 | ?4) & 1) = 0 THEN 0"
            " WHEN (state & 1) = 0 THEN ?6 ELSE read_at END"
            " WHERE stream_id = ?1 AND seq BETWEEN ?2 AND ?3 AND (state & ~?5 | ?4) <> state"),
      beyond_(database,
              "SELECT seq FROM entries WHERE stream_id = ?1 AND seq BETWEEN ?2 AND ?3"
              " AND (state & ~?5 | ?4) <> state ORDER BY seq LIMIT 1 OFFSET ?6"),
      state_(database, "SELECT kind, state FROM entries WHERE stream_id = ? AND seq = ?"),
      set_state_(database, "UPDATE entries SET state = ? WHERE stream_id = ? AND seq = ?") {}

Fault Marks::mark(const bf_op_mark& given, sdk::OpResult& result) {
    const auto op = allowed(given);
    Stream* stream = streams_.find(view(op.stream));
    if (stream == nullptr) {
        return {};
    }
    if (op.epoch == 0 || op.epoch == stream->epoch) {
        streams_.touch(*stream);
        for (const auto seq : std::span(op.seqs, op.seq_count)) {
            if (seq >= stream->earliest && seq <= stream->head) {
                result.count += mark_range(op, *stream, {seq, seq});
            }
        }
        if (op.up_to != 0) {
            mark_up_to(op, *stream, result);
        }
    }
    result.value[0] = stream->unread;
    return {};
}

void Marks::mark_up_to(const bf_op_mark& op, Stream& stream, sdk::OpResult& result) {
    const auto skip = op.clear == 0 ? marked_before(stream, op.set) : 0;
    Range range{std::max(stream.earliest, skip + 1), std::min(op.up_to, stream.head)};
    if (range.from > range.to) {
        return;
    }
    result.value[1] = cut(op, stream, range) ? 1 : 0;
    result.count += mark_range(op, stream, range);
}

bool Marks::cut(const bf_op_mark& op, const Stream& stream, Range& range) {
    if (op.limit == 0) {
        return false;
    }
    auto rows = beyond_.query(stream.id, range.from, range.to, op.set, op.clear, op.limit);
    if (!rows.next()) {
        return false;
    }
    range.to = rows.count(0) - 1;
    return true;
}

std::uint64_t Marks::mark_range(const bf_op_mark& op, Stream& stream, Range range) {
    const bool sets = (op.set & BF_STATE_READ) != 0;
    if (sets || (op.clear & BF_STATE_READ) != 0) {
        auto rows = count_read_.query(stream.id, range.from, range.to, sets ? 0 : BF_STATE_READ);
        rows.next();
        const auto turned = rows.count(0);
        stream.unread = sets ? stream.unread - turned : stream.unread + turned;
    }
    const auto changed = mark_.run(stream.id, range.from, range.to, op.set, op.clear, op.time);
    note_marked(stream, op, range.from, range.to);
    return static_cast<std::uint64_t>(changed);
}

void Marks::supersede(const bf_op_append& op) {
    const auto refs = bodies_.refs_of(view(op.notification->id));
    if (refs.empty()) {
        return;
    }
    const auto bit = op.entry_kind == BF_ENTRY_REVISION ? BF_STATE_REVISED : BF_STATE_RETRACTED;
    for (const auto& name : std::span(op.streams, op.stream_count)) {
        if (auto* stream = streams_.find(view(name)); stream != nullptr) {
            streams_.touch(*stream);
            supersede_in(*stream, refs, bit);
        }
    }
}

/// Newest first: what is before an entry that has the bit has it, too.
void Marks::supersede_in(Stream& stream, const std::vector<std::int64_t>& refs, std::uint32_t bit) {
    for (const auto ref : refs) {
        const auto seq = search_.find(stream.id, stream.earliest, stream.head, ref);
        if (seq == 0) {
            continue;
        }
        std::uint32_t kind = 0;
        std::uint32_t state = 0;
        {
            auto rows = state_.query(stream.id, seq);
            rows.next();
            kind = static_cast<std::uint32_t>(rows.number(0));
            state = static_cast<std::uint32_t>(rows.number(1));
        }
        if ((state & bit) != 0) {
            return;
        }
        constexpr auto kNotUnread = BF_STATE_READ | BF_STATE_RETRACTED;
        if (bit == BF_STATE_RETRACTED && kind == BF_ENTRY_NOTIFICATION &&
            (state & kNotUnread) == 0) {
            --stream.unread;
        }
        set_state_.run(state | bit, stream.id, seq);
    }
}

}  // namespace belfry::sqlite
