#include "plugins/storage/sqlite/bodies.hpp"

#include "plugins/storage/sqlite/request.hpp"

#include <utility>

namespace belfry::sqlite {

using sdk::text_of;
using sdk::view;

Bodies::Bodies(SQLite::Database& database)
    : database_(database),
      remember_(database, "INSERT INTO dedup VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"),
      known_(database, "SELECT ref, hash FROM dedup WHERE source = ? AND id = ?"),
      insert_(database,
              "INSERT INTO bodies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      id_(database, "SELECT id FROM bodies WHERE ref = ?"),
      ref_(database, "SELECT ref FROM bodies WHERE id = ? AND revision = ? AND kind = ?"),
      refs_(database, "SELECT ref FROM bodies WHERE id = ? AND refs <> 0 ORDER BY ref DESC"),
      release_(database, "UPDATE bodies SET refs = refs - 1 WHERE ref = ? RETURNING refs"),
      drop_single_(database, "DELETE FROM bodies WHERE ref = ? AND refs = 1 AND event_id = ''"),
      empty_(database,
             "UPDATE bodies SET title = '', body = '', data = x'', collapse_key = '', trace = ''"
             " WHERE ref = ?"),
      forgotten_(database,
                 "SELECT ref, source, event_id FROM bodies WHERE refs = 0 AND created_at < ?"
                 " ORDER BY created_at LIMIT ?"),
      forget_event_(database, "DELETE FROM dedup WHERE source = ? AND id = ? AND ref = ?"),
      remove_(database, "DELETE FROM bodies WHERE ref = ?") {}

std::int64_t Bodies::next_ref() {
    if (next_ref_ == 0) {
        next_ref_ = query_number(database_, "SELECT coalesce(max(ref), 0) + 1 FROM bodies");
    }
    return next_ref_;
}

std::optional<Bodies::Known> Bodies::remember(const bf_op_append& op) {
    const auto source = view(op.notification->source);
    const auto id = view(op.notification->event_id);
    const auto hash = text_of(op.content_hash);
    if (remember_.run(source, id, next_ref(), Blob{hash}) != 0) {
        return std::nullopt;
    }
    auto rows = known_.query(source, id);
    rows.next();
    return Known{rows.number(0), rows.text(1) == hash};
}

void Bodies::write(const bf_op_append& op) {
    const auto& note = *op.notification;
    insert_.run(next_ref(), op.stream_count, op.entry_kind, view(note.id), to_signed(note.revision),
                view(note.type), view(note.title), view(note.body), Blob{text_of(note.data)},
                view(note.data_type), note.priority, view(note.collapse_key), note.created_at,
                note.expires_at, view(note.source), view(note.event_id), view(note.trace));
    ++next_ref_;
}

std::string Bodies::id_of(std::int64_t ref) {
    auto rows = id_.query(ref);
    return rows.next() ? std::string(rows.text(0)) : std::string();
}

std::optional<std::int64_t> Bodies::ref_of(const bf_op_append& op) {
    const auto& note = *op.notification;
    auto rows = ref_.query(view(note.id), to_signed(note.revision), op.entry_kind);
    return rows.next() ? std::optional(rows.number(0)) : std::nullopt;
}

std::vector<std::int64_t> Bodies::refs_of(std::string_view id) {
    std::vector<std::int64_t> refs;
    auto rows = refs_.query(id);
    while (rows.next()) {
        refs.push_back(rows.number(0));
    }
    return refs;
}

void Bodies::release(std::int64_t ref) {
    if (drop_single_.run(ref) != 0) {
        return;
    }
    bool last = false;
    {
        auto rows = release_.query(ref);
        last = rows.next() && rows.number(0) == 0;
        while (rows.next()) {
        }
    }
    if (last) {
        empty_.run(ref);
    }
}

bool Bodies::sweep(std::int64_t time, std::int64_t limit) {
    struct Row {
        std::int64_t ref;
        std::string source;
        std::string event_id;
    };
    std::vector<Row> found;
    {
        auto rows = forgotten_.query(time, limit);
        while (rows.next()) {
            found.push_back({rows.number(0), std::string(rows.text(1)), std::string(rows.text(2))});
        }
    }
    for (const auto& row : found) {
        forget_event_.run(std::string_view(row.source), std::string_view(row.event_id), row.ref);
        remove_.run(row.ref);
    }
    return std::cmp_equal(found.size(), limit);
}

}  // namespace belfry::sqlite
