#include "plugins/storage/sqlite/entries.hpp"

#include "plugins/storage/sqlite/request.hpp"

#include <algorithm>

namespace belfry::sqlite {

using sdk::view;

namespace {

// From here on it pays to write a fan-out in the order of the table.
constexpr std::size_t kSortedFanout = 32;

}  // namespace

Entries::Entries(SQLite::Database& database, Streams& streams, Bodies& bodies, Marks& marks)
    : streams_(streams), bodies_(bodies), marks_(marks), search_(database),
      insert_(database, "INSERT INTO entries VALUES (?, ?, ?, ?, 0, 0)") {}

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
    if (op.entry_kind != BF_ENTRY_NOTIFICATION) {
        marks_.supersede(op);
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

}  // namespace belfry::sqlite
