#include "plugins/storage/sqlite/loader.hpp"

#include "plugins/storage/sqlite/body.hpp"
#include "plugins/storage/sqlite/request.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>
#include <variant>

namespace belfry::sqlite {

namespace {

using std::string_view;

Fault check_texts(std::initializer_list<std::pair<string_view, string_view>> texts) {
    for (const auto& [text, what] : texts) {
        if (text.contains('\0')) {
            return {sdk::Status::invalid, "load: " + std::string(what) + ": has a NUL in it"};
        }
    }
    return {};
}

Fault check_names(std::initializer_list<std::pair<string_view, string_view>> names) {
    for (const auto& [name, what] : names) {
        if (auto fault = check_name(name, "load: " + std::string(what)); !fault.ok()) {
            return fault;
        }
    }
    return {};
}

Fault check_note(const sdk::Notification& note) {
    return check_texts({{note.id, "notification id"},
                        {note.type, "type"},
                        {note.title, "title"},
                        {note.body, "body"},
                        {note.data_type, "data_type"},
                        {note.collapse_key, "collapse_key"},
                        {note.source, "source"},
                        {note.event_id, "event_id"},
                        {note.trace, "trace"}});
}

Fault missing(const std::string& what) {
    return {sdk::Status::invalid, "load: " + what + ", which is not there"};
}

}  // namespace

Loader::Loader(SQLite::Database& database, Events& events)
    : events_(events), lanes_(database),
      body_(database,
            "INSERT INTO bodies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      has_body_(database, "SELECT 1 FROM bodies WHERE ref = ?"),
      stream_(database,
              "INSERT INTO streams (stream, epoch, head, earliest, unread, read_to, archived_to,"
              " seen_to) VALUES (?, ?, ?, ?, ?, 0, 0, 0)"),
      find_stream_(database,
                   "SELECT id, earliest, read_to, archived_to, seen_to FROM streams"
                   " WHERE stream = ?"),
      marked_(database,
              "UPDATE streams SET read_to = ?, archived_to = ?, seen_to = ? WHERE id = ?"),
      entry_(database, "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)"),
      cursor_(database, "INSERT INTO cursors VALUES (?, ?, ?, ?, ?)"),
      drop_document_(database, "DELETE FROM collections WHERE name = ? AND id = ? RETURNING doc"),
      drop_keys_(database, "DELETE FROM keys WHERE doc = ?"),
      document_(database,
                "INSERT INTO collections (name, id, version, document) VALUES (?, ?, ?, ?)"
                " RETURNING doc"),
      key_(database, "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?)"),
      job_(database,
           "INSERT INTO jobs (queue, id, lane, due, state, attempt, lease, leased_until, payload,"
           " reason, is_first) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
           " ?3 = '' AND ?5 = 0)"),
      lease_(database, "UPDATE settings SET value = max(value, ?) WHERE name = 'lease'") {}

Fault Loader::load(const std::vector<sdk::Record>& records) {
    current_ = {};
    try {
        for (const auto& record : records) {
            auto fault = std::visit([this](const auto& one) { return add(one); }, record);
            if (!fault.ok()) {
                return fault;
            }
        }
        leave();
        return {};
    } catch (const SqlError& error) {
        if (error.primary() != SQLITE_CONSTRAINT) {
            throw;
        }
        return {sdk::Status::conflict,
                std::string("load: a record is there already: ") + error.what()};
    }
}

Fault Loader::add(const sdk::BodyRecord& record) {
    const auto& note = *record.notification;
    if (auto fault = check_note(note); !fault.ok()) {
        return fault;
    }
    const auto least = static_cast<std::uint64_t>(events_.last_ref()) + 1;
    if (record.ref < least || record.ref > INT64_MAX) {
        return {sdk::Status::invalid, "load: expected a body from ref " + std::to_string(least) +
                                          " on, found " + std::to_string(record.ref)};
    }
    const Body body(note);
    const auto ref = to_signed(record.ref);
    body_.run(ref, record.entries, record.entry_kind, body.digest(ref, record.entry_kind),
              body.created_at, body.expires_at, body.source, body.event_id,
              record.is_remembered ? std::optional(Blob{record.content_hash}) : std::nullopt,
              body.id, body.revision, body.priority, body.type, body.data_type, body.collapse_key,
              body.trace, body.title, body.body, Blob{body.data});
    if (record.is_remembered) {
        events_.add(body.source, body.event_id, ref);
    }
    return {};
}

Fault Loader::add(const sdk::StreamRecord& record) {
    if (auto fault = check_names({{record.stream, "stream"}}); !fault.ok()) {
        return fault;
    }
    stream_.run(string_view(record.stream), record.epoch, record.head, record.earliest,
                record.unread);
    return {};
}

bool Loader::enter(const std::string& stream) {
    if (current_.id != 0 && current_.name == stream) {
        return true;
    }
    leave();
    auto rows = find_stream_.query(string_view(stream));
    if (!rows.next()) {
        return false;
    }
    current_ = {
        rows.number(0), stream, rows.count(1), {rows.count(2), rows.count(3), rows.count(4)}};
    return true;
}

void Loader::leave() {
    if (current_.id != 0) {
        const auto& marked = current_.marked;
        marked_.run(marked[0], marked[1], marked[2], current_.id);
    }
    current_ = {};
}

Fault Loader::add(const sdk::EntryRecord& record) {
    const std::string what = "entry " + std::to_string(record.seq);
    if (!enter(record.stream)) {
        return missing(what + " of stream \"" + record.stream + "\"");
    }
    if (!has_body_.query(to_signed(record.ref)).next()) {
        return missing(what + " of stream \"" + record.stream + "\" has body " +
                       std::to_string(record.ref));
    }
    entry_.run(current_.id, to_signed(record.seq), record.ref, record.entry_kind, record.state,
               record.read_at,
               entry_digest(record.stream, record.seq, to_signed(record.ref), record.entry_kind));
    for (std::uint32_t bit = 0; bit < kStateBits; ++bit) {
        auto& marked = current_.marked.at(bit);
        if ((record.state & 1U << bit) != 0 &&
            record.seq <= std::max(marked + 1, current_.earliest)) {
            marked = std::max(marked, record.seq);
        }
    }
    return {};
}

Fault Loader::add(const sdk::CursorRecord& record) {
    const auto& cursor = record.cursor;
    if (auto fault = check_names({{record.stream, "stream"}, {cursor.device, "device"}});
        !fault.ok()) {
        return fault;
    }
    cursor_.run(string_view(record.stream), string_view(cursor.device), to_signed(cursor.delivered),
                to_signed(cursor.read), cursor.moved_at);
    return {};
}

void Loader::drop_document(string_view collection, string_view id) {
    std::int64_t doc = 0;
    {
        auto rows = drop_document_.query(collection, id);
        if (!rows.next()) {
            return;
        }
        doc = rows.number(0);
    }
    drop_keys_.run(doc);
}

Fault Loader::add(const sdk::DocumentRecord& record) {
    const string_view collection = record.collection;
    const string_view id = record.document.id;
    if (auto fault = check_names({{collection, "collection"}, {id, "document id"}}); !fault.ok()) {
        return fault;
    }
    drop_document(collection, id);
    std::int64_t doc = 0;
    {
        auto rows = document_.query(collection, id, to_signed(record.document.version),
                                    Blob{record.document.document});
        rows.next();
        doc = rows.number(0);
    }
    for (const auto& key : record.keys) {
        if (auto fault = check_texts({{key.index, "index"}, {key.value, "key"}}); !fault.ok()) {
            return fault;
        }
        key_.run(collection, string_view(key.index), string_view(key.value), id, doc,
                 key.is_unique ? 1 : 0);
    }
    return {};
}

Fault Loader::add(const sdk::JobRecord& record) {
    const auto& job = record.job;
    if (auto fault = check_names({{job.queue, "queue"}, {job.id, "job id"}}); !fault.ok()) {
        return fault;
    }
    if (auto fault = check_texts({{job.lane, "lane"}, {job.reason, "reason"}}); !fault.ok()) {
        return fault;
    }
    job_.run(string_view(job.queue), string_view(job.id), string_view(job.lane), job.due, job.state,
             to_signed(job.attempt), to_signed(job.lease), record.leased_until, Blob{job.payload},
             string_view(job.reason));
    lanes_.change(job.queue, job.lane);
    lease_.run(to_signed(job.lease));
    return {};
}

}  // namespace belfry::sqlite
