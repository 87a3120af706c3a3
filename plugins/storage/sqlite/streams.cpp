#include "plugins/storage/sqlite/streams.hpp"

#include <algorithm>
#include <ranges>

namespace belfry::sqlite {

namespace {

constexpr std::size_t kMaxCached = 131'072;
constexpr std::size_t kEpochBytes = 5;

}  // namespace

Streams::Streams(SQLite::Database& database, sdk::Env env)
    : env_(env), database_(database),
      select_(database,
              "SELECT id, epoch, head, earliest, unread, read_to, archived_to, seen_to"
              " FROM streams WHERE stream = ?"),
      insert_(database, "INSERT INTO streams VALUES (?1, ?9, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
      update_(database,
              "UPDATE streams SET epoch = ?2, head = ?3, earliest = ?4, unread = ?5,"
              " read_to = ?6, archived_to = ?7, seen_to = ?8 WHERE id = ?1"),
      renumber_(database, "UPDATE streams SET id = ? WHERE id = ?"), random_used_(random_.size()) {}

void Streams::load(std::string_view name, Stream& stream) {
    auto rows = select_.query(name);
    if (!rows.next()) {
        return;
    }
    stream.id = rows.number(0);
    stream.epoch = rows.count(1);
    stream.head = rows.count(2);
    stream.earliest = rows.count(3);
    stream.unread = rows.count(4);
    stream.marked = {rows.count(5), rows.count(6), rows.count(7)};
}

Stream* Streams::find(std::string_view name) {
    auto found = cache_.find(name);
    if (found == cache_.end()) {
        Stream stream;
        load(name, stream);
        if (stream.id == 0) {
            return nullptr;
        }
        found = cache_.emplace(name, stream).first;
        found->second.name = &found->first;
    }
    return found->second.id == 0 ? nullptr : &found->second;
}

Stream& Streams::obtain(std::string_view name) {
    if (auto* stream = find(name); stream != nullptr) {
        return *stream;
    }
    const auto id = new_id();
    const auto found = cache_.try_emplace(std::string(name)).first;
    Stream& stream = found->second;
    touch(stream);
    stream.name = &found->first;
    stream.id = id;
    stream.epoch = new_epoch();
    stream.fresh = true;
    return stream;
}

/// Above every id in use, those of cleared streams included.
std::int64_t Streams::new_id() {
    if (next_id_ == 0) {
        next_id_ = query_number(database_,
                                "SELECT max((SELECT coalesce(max(id), 0) FROM streams),"
                                " (SELECT coalesce(max(stream_id), 0) FROM cleared)) + 1");
    }
    return next_id_++;
}

void Streams::renumber(Stream& stream) {
    const auto id = new_id();
    touch(stream);
    if (!stream.fresh) {
        renumber_.run(id, stream.id);
    }
    stream.id = id;
}

void Streams::touch(Stream& stream) {
    if (undoable_) {
        undo_.emplace_back(&stream, stream);
    }
    if (!stream.dirty) {
        stream.dirty = true;
        dirty_.push_back(&stream);
    }
}

std::uint64_t Streams::new_epoch() {
    std::uint64_t epoch = 0;
    while (epoch == 0) {
        if (random_used_ + kEpochBytes > random_.size()) {
            env_.random(random_);
            random_used_ = 0;
        }
        for (std::size_t i = 0; i < kEpochBytes; ++i) {
            epoch = epoch << 8 | random_.at(random_used_++);
        }
    }
    return epoch;
}

void Streams::begin_group(bool undoable) {
    undo_.clear();
    undoable_ = undoable;
}

void Streams::undo_group() {
    for (auto& [stream, before] : std::views::reverse(undo_)) {
        const bool dirty = stream->dirty;
        *stream = before;
        stream->dirty = dirty;  // it is in the list
    }
    undo_.clear();
}

void Streams::write(const Stream& stream) {
    const auto& marked = stream.marked;
    if (stream.fresh) {
        insert_.run(stream.id, stream.epoch, stream.head, stream.earliest, stream.unread, marked[0],
                    marked[1], marked[2], std::string_view(*stream.name));
    } else {
        update_.run(stream.id, stream.epoch, stream.head, stream.earliest, stream.unread, marked[0],
                    marked[1], marked[2]);
    }
}

void Streams::flush() {
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

void Streams::settle() {
    if (cache_.size() > kMaxCached) {
        cache_.clear();
    }
}

void Streams::forget() {
    dirty_.clear();
    undo_.clear();
    cache_.clear();
    next_id_ = 0;
}

}  // namespace belfry::sqlite
