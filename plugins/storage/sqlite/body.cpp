#include "plugins/storage/sqlite/body.hpp"

#include "plugins/storage/sqlite/digest.hpp"
#include "plugins/storage/sqlite/request.hpp"

#include <sqlite3.h>

#include <span>

namespace belfry::sqlite {

using sdk::text_of;
using sdk::view;

namespace {

std::string_view text_at(sqlite3_value* value) {
    const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
    return bytes == nullptr ? std::string_view{} : std::string_view(bytes, size);
}

/// The arguments are ref, kind, and the columns of kBodyColumns.
void sql_body_digest(sqlite3_context* context, int count, sqlite3_value** values) {
    const std::span all(values, static_cast<std::size_t>(count));
    const auto number = [&](std::size_t at) { return sqlite3_value_int64(all[at]); };
    bf_notification note{};
    note.created_at = number(2);
    note.expires_at = number(3);
    note.source = sdk::str(text_at(all[4]));
    note.event_id = sdk::str(text_at(all[5]));
    note.id = sdk::str(text_at(all[6]));
    note.revision = static_cast<std::uint64_t>(number(7));
    note.priority = static_cast<std::int32_t>(number(8));
    note.type = sdk::str(text_at(all[9]));
    note.data_type = sdk::str(text_at(all[10]));
    note.collapse_key = sdk::str(text_at(all[11]));
    note.trace = sdk::str(text_at(all[12]));
    note.title = sdk::str(text_at(all[13]));
    note.body = sdk::str(text_at(all[14]));
    note.data = sdk::bytes_of(text_at(all[15]));
    sqlite3_result_int64(context,
                         Body(note).digest(number(0), static_cast<std::uint32_t>(number(1))));
}

void sql_entry_digest(sqlite3_context* context, int count, sqlite3_value** values) {
    const std::span all(values, static_cast<std::size_t>(count));
    sqlite3_result_int64(
        context,
        entry_digest(text_at(all[0]), static_cast<std::uint64_t>(sqlite3_value_int64(all[1])),
                     sqlite3_value_int64(all[2]),
                     static_cast<std::uint32_t>(sqlite3_value_int64(all[3]))));
}

using SqlFunction = void (*)(sqlite3_context*, int, sqlite3_value**);

void add_function(SQLite::Database& database, const char* name, int arguments,
                  SqlFunction function) {
    const int code = sqlite3_create_function_v2(database.getHandle(), name, arguments,
                                                SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                                                function, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        throw SqlError(code, database.getErrorMsg());
    }
}

}  // namespace

Body::Body(const bf_notification& note)
    : created_at(note.created_at), expires_at(note.expires_at), source(view(note.source)),
      event_id(view(note.event_id)), id(view(note.id)), revision(to_signed(note.revision)),
      priority(note.priority), type(view(note.type)), data_type(view(note.data_type)),
      collapse_key(view(note.collapse_key)), trace(view(note.trace)), title(view(note.title)),
      body(view(note.body)), data(text_of(note.data)) {}

Body::Body(const sdk::Notification& note)
    : created_at(note.created_at), expires_at(note.expires_at), source(note.source),
      event_id(note.event_id), id(note.id), revision(to_signed(note.revision)),
      priority(note.priority), type(note.type), data_type(note.data_type),
      collapse_key(note.collapse_key), trace(note.trace), title(note.title), body(note.body),
      data(note.data) {}

Body::Body(const Rows& rows, int first)
    : created_at(rows.number(first)), expires_at(rows.number(first + 1)),
      source(rows.text(first + 2)), event_id(rows.text(first + 3)), id(rows.text(first + 4)),
      revision(rows.number(first + 5)), priority(static_cast<std::int32_t>(rows.number(first + 6))),
      type(rows.text(first + 7)), data_type(rows.text(first + 8)),
      collapse_key(rows.text(first + 9)), trace(rows.text(first + 10)),
      title(rows.text(first + 11)), body(rows.text(first + 12)), data(rows.text(first + 13)) {}

std::int64_t Body::digest(std::int64_t ref, std::uint32_t kind) const {
    return Digest()
        .add(ref)
        .add(kind)
        .add(created_at)
        .add(expires_at)
        .add(source)
        .add(event_id)
        .add(id)
        .add(revision)
        .add(priority)
        .add(type)
        .add(data_type)
        .add(collapse_key)
        .add(trace)
        .add(title)
        .add(body)
        .add(data)
        .number();
}

std::shared_ptr<const sdk::Notification> Body::notification() const {
    auto note = std::make_shared<sdk::Notification>();
    note->priority = priority;
    note->id = id;
    note->type = type;
    note->title = title;
    note->body = body;
    note->data = data;
    note->data_type = data_type;
    note->collapse_key = collapse_key;
    note->created_at = created_at;
    note->expires_at = expires_at;
    note->revision = static_cast<std::uint64_t>(revision);
    note->source = source;
    note->event_id = event_id;
    note->trace = trace;
    return note;
}

std::int64_t entry_digest(std::string_view stream, std::uint64_t seq, std::int64_t ref,
                          std::uint32_t kind) {
    return Digest().add(stream).add(seq).add(ref).add(kind).short_number();
}

void add_digests(SQLite::Database& database) {
    add_function(database, "body_digest", 16, sql_body_digest);
    add_function(database, "entry_digest", 4, sql_entry_digest);
}

}  // namespace belfry::sqlite
