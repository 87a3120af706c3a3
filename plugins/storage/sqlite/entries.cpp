#include "plugins/storage/sqlite/entries.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace belfry::sqlite {

using sdk::view;

Entries::Entries(SQLite::Database& database, const Parts& parts)
    : parts_(parts), search_(database) {}

Fault Entries::append(const bf_op_append& op, std::int64_t journal, sdk::OpResult& result) {
    auto& bodies = parts_.bodies;
    const bool has_event = op.notification->event_id.len != 0;
    if ((op.flags & BF_APPEND_REPEATED) != 0) {
        if (const auto ref = bodies.ref_of(op)) {
            return refuse_known(op, {*ref, true}, result);
        }
    }
    if (has_event) {
        if (const auto known = parts_.events.find(op)) {
            return refuse_known(op, *known, result);
        }
    }
    if (op.entry_kind != BF_ENTRY_NOTIFICATION) {
        parts_.marks.supersede(op);
    }
    const auto ref = bodies.next_ref(parts_.events.last_ref());
    place(op, ref, result);
    parts_.arrivals.young().add(journal, placed_);
    bodies.write(op);
    if (has_event) {
        parts_.events.add(op, ref);
    }
    result.id = view(op.notification->id);
    return {};
}

void Entries::place(const bf_op_append& op, std::int64_t ref, sdk::OpResult& result) {
    placed_.clear();
    result.epochs.reserve(op.stream_count);
    result.seqs.reserve(op.stream_count);
    for (const auto& name : std::span(op.streams, op.stream_count)) {
        Stream& stream = parts_.streams.obtain(view(name));
        const auto seq = parts_.streams.place(stream, op.entry_kind);
        placed_.push_back({stream.id, seq, ref, op.entry_kind});
        result.epochs.push_back(stream.epoch);
        result.seqs.push_back(seq);
    }
}

std::uint64_t Entries::seq_of(const Stream& stream, std::int64_t ref) {
    const auto arrivals = parts_.arrivals.find(stream.id, stream.settled);
    const auto found = std::ranges::find(arrivals, ref, &Arrival::ref);
    return found != arrivals.end() ? found->seq
                                   : search_.find(stream.id, stream.earliest, stream.settled, ref);
}

Fault Entries::refuse_known(const bf_op_append& op, const Events::Known& known,
                            sdk::OpResult& result) {
    const std::string event = "event \"" + std::string(view(op.notification->event_id)) +
                              "\" of \"" + std::string(view(op.notification->source)) + "\"";
    if (!known.same_content) {
        return {sdk::Status::conflict, event + " was stored before with other content"};
    }
    result.id = parts_.bodies.id_of(known.ref);
    for (const auto& name : std::span(op.streams, op.stream_count)) {
        const Stream* stream = parts_.streams.find(view(name));
        result.epochs.push_back(stream == nullptr ? 0 : stream->epoch);
        result.seqs.push_back(stream == nullptr ? 0 : seq_of(*stream, known.ref));
    }
    return {sdk::Status::duplicate, event + " was stored before"};
}

}  // namespace belfry::sqlite
