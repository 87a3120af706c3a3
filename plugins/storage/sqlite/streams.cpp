#include "plugins/storage/sqlite/streams.hpp"

#include <ranges>

namespace belfry::sqlite {

namespace {

constexpr std::size_t kMaxCached = 131'072;
constexpr std::size_t kEpochBytes = 5;
/// A stream with more arrivals than this gets their rows at once: they lie side by side.
constexpr std::uint64_t kMaxArrivals = 1'000;

constexpr std::string_view kColumns =
    "SELECT id, stream, epoch, head, earliest, unread, read_to, archived_to, seen_to FROM streams";

}  // namespace

Streams::Streams(SQLite::Database& database, Arrivals& arrivals, sdk::Env env)
    : env_(env), database_(database), arrivals_(arrivals),
      by_name_(database, std::string(kColumns) + " WHERE stream = ?"),
      by_id_(database, std::string(kColumns) + " WHERE id = ?"),
      insert_(database, "INSERT INTO streams VALUES (?1, ?9, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
      update_(database,
              "UPDATE streams SET epoch = ?2, head = ?3, earliest = ?4, unread = ?5,"
              " read_to = ?6, archived_to = ?7, seen_to = ?8 WHERE id = ?1"),
      renumber_(database, "UPDATE streams SET id = ? WHERE id = ?"), new_entries_(database),
      insert_entries_(database,
                      "INSERT INTO entries SELECT c0, c1, c2, c3, 0, 0, c4 FROM new_entries"),
      random_used_(random_.size()) {}

Stream* Streams::keep(const Rows& row) {
    const auto [found, is_new] = cache_.try_emplace(std::string(row.text(1)));
    Stream& stream = found->second;
    if (!is_new) {
        return &stream;
    }
    stream.id = row.number(0);
    stream.name = &found->first;
    stream.epoch = row.count(2);
    stream.head = row.count(3);
    stream.settled = stream.head;
    stream.earliest = row.count(4);
    stream.unread = row.count(5);
    stream.marked = {row.count(6), row.count(7), row.count(8)};
    add_arrivals(stream);
    return &stream;
}

void Streams::add_arrivals(Stream& stream) {
    for (const auto& arrival : arrivals_.find(stream.id, stream.settled)) {
        stream.head = arrival.seq;
        if (arrival.kind == BF_ENTRY_NOTIFICATION) {
            ++stream.unread;
            ++stream.arrived;
        }
    }
}

Stream* Streams::find(std::string_view name) {
    if (const auto found = cache_.find(name); found != cache_.end()) {
        return found->second.id == 0 ? nullptr : &found->second;
    }
    auto rows = by_name_.query(name);
    return rows.next() ? keep(rows) : nullptr;
}

Stream* Streams::find(std::int64_t id) {
    auto rows = by_id_.query(id);
    return rows.next() ? keep(rows) : nullptr;
}

Stream& Streams::obtain(std::string_view name) {
    if (auto* stream = find(name); stream != nullptr) {
        return *stream;
    }
    const auto id = new_id();
    const auto found = cache_.try_emplace(std::string(name)).first;
    Stream& stream = found->second;
    note_change(stream);
    set_dirty(stream);
    stream.name = &found->first;
    stream.id = id;
    stream.epoch = new_epoch();
    stream.fresh = true;
    ++totals_.streams;
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

std::uint64_t Streams::place(Stream& stream, std::uint32_t kind) {
    if (stream.head - stream.settled >= kMaxArrivals) {
        settle(stream);
    } else {
        note_change(stream);
    }
    if (kind == BF_ENTRY_NOTIFICATION) {
        ++stream.unread;
        ++stream.arrived;
    }
    ++totals_.entries;
    placed_.push_back(&stream);
    return ++stream.head;
}

void Streams::begin() {
    begin_totals_ = totals_;
    placed_.clear();
}

void Streams::renumber(Stream& stream) {
    const auto id = new_id();
    touch(stream);
    if (!stream.fresh) {
        renumber_.run(id, stream.id);
    }
    stream.id = id;
}

void Streams::note_change(Stream& stream) {
    if (undoable_) {
        undo_.emplace_back(&stream, stream);
    }
}

void Streams::set_dirty(Stream& stream) {
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
    undo_totals_ = totals_;
}

void Streams::undo_group() {
    for (auto& [stream, before] : std::views::reverse(undo_)) {
        const bool dirty = stream->dirty;
        *stream = before;
        stream->dirty = dirty;  // it is in the list
    }
    undo_.clear();
    totals_ = undo_totals_;
}

void Streams::trim_cache() {
    if (cache_.size() > kMaxCached) {
        cache_.clear();
    }
}

void Streams::drop_cache() {
    new_entries_.clear();
    placed_.clear();
    dirty_.clear();
    undo_.clear();
    cache_.clear();
    next_id_ = 0;
}

void Streams::rollback() {
    drop_cache();
    totals_ = begin_totals_;
}

void Streams::forget() {
    drop_cache();
    count();
}

void Streams::count() {
    Statement statement(database_,
                        "SELECT count(*), coalesce(sum(head - earliest + 1), 0) FROM streams");
    auto rows = statement.query();
    rows.next();
    totals_ = {rows.count(0), rows.count(1)};
    for (const auto id : arrivals_.streams()) {
        if (const auto* stream = find(id); stream != nullptr) {
            totals_.entries += stream->head - stream->settled;
        }
    }
    trim_cache();
}

}  // namespace belfry::sqlite
