// What of streams is written, and when.
#include "plugins/storage/sqlite/body.hpp"
#include "plugins/storage/sqlite/streams.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace belfry::sqlite {

void Streams::touch(Stream& stream) {
    settle(stream);
    flush_entries();
}

void Streams::settle(Stream& stream) {
    note_change(stream);
    set_dirty(stream);
    if (stream.settled == stream.head) {
        return;
    }
    for (const auto& arrival : arrivals_.find(stream.id, stream.settled)) {
        new_entries_.add(arrival,
                         entry_digest(*stream.name, arrival.seq, arrival.ref, arrival.kind));
    }
    stream.settled = stream.head;
    stream.arrived = 0;
}

void Streams::flush_entries() {
    if (new_entries_.size() == 0) {
        return;
    }
    try {
        insert_entries_.run();
    } catch (const SqlError& error) {
        if (error.primary() != SQLITE_CONSTRAINT) {
            throw;
        }
        throw SqlError(SQLITE_CORRUPT, "a stream's head is behind its entries");
    }
    new_entries_.clear();
}

bool Streams::settle_placed(std::size_t most) {
    if (placed_.size() > most) {
        return false;
    }
    for (auto* stream : placed_) {
        if (stream->settled != stream->head) {
            settle(*stream);
        }
    }
    return true;
}

void Streams::write(const Stream& stream) {
    const auto& marked = stream.marked;
    const auto unread = stream.unread - stream.arrived;
    if (stream.fresh) {
        insert_.run(stream.id, stream.epoch, stream.settled, stream.earliest, unread, marked[0],
                    marked[1], marked[2], std::string_view(*stream.name));
    } else {
        update_.run(stream.id, stream.epoch, stream.settled, stream.earliest, unread, marked[0],
                    marked[1], marked[2]);
    }
}

void Streams::flush() {
    flush_entries();
    std::ranges::sort(dirty_, {}, &Stream::id);
    for (auto* stream : dirty_) {
        if (stream->id != 0) {
            write(*stream);
        }
        stream->fresh = false;
        stream->dirty = false;
    }
    dirty_.clear();
    undo_.clear();
}

}  // namespace belfry::sqlite
