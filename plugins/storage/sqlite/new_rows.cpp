#include "plugins/storage/sqlite/new_rows.hpp"

#include "plugins/storage/sqlite/request.hpp"

#include <sqlite3.h>

namespace belfry::sqlite {

void NewBodies::add(std::int64_t ref, const bf_op_append& op) {
    const Body body(*op.notification);
    rows_.push_back({ref, op.stream_count, op.entry_kind, body.digest(ref, op.entry_kind), body,
                     sdk::text_of(op.content_hash)});
}

void NewBodies::give_text(const Row& row, int column, sqlite3_context* context) {
    const auto& body = row.body;
    switch (column) {
        case 6: return give(context, body.source);
        case 7: return give(context, body.event_id);
        case 9: return give(context, body.id);
        case 12: return give(context, body.type);
        case 13: return give(context, body.data_type);
        case 14: return give(context, body.collapse_key);
        case 15: return give(context, body.trace);
        case 16: return give(context, body.title);
        case 17: return give(context, body.body);
        default: return give_blob(context, body.data);
    }
}

void NewBodies::column(std::size_t row, int column, sqlite3_context* context) const {
    const auto& values = rows_[row];
    switch (column) {
        case 0: return sqlite3_result_int64(context, values.ref);
        case 1: return sqlite3_result_int64(context, to_signed(values.refs));
        case 2: return sqlite3_result_int64(context, values.kind);
        case 3: return sqlite3_result_int64(context, values.digest);
        case 4: return sqlite3_result_int64(context, values.body.created_at);
        case 5: return sqlite3_result_int64(context, values.body.expires_at);
        case 8:
            return values.body.event_id.empty() ? sqlite3_result_null(context)
                                                : give_blob(context, values.hash);
        case 10: return sqlite3_result_int64(context, values.body.revision);
        case 11: return sqlite3_result_int64(context, values.body.priority);
        default: return give_text(values, column, context);
    }
}

void NewEntries::column(std::size_t row, int column, sqlite3_context* context) const {
    const auto& [arrival, digest] = rows_[row];
    switch (column) {
        case 0: return sqlite3_result_int64(context, arrival.stream);
        case 1: return sqlite3_result_int64(context, to_signed(arrival.seq));
        case 2: return sqlite3_result_int64(context, arrival.ref);
        case 3: return sqlite3_result_int64(context, arrival.kind);
        default: return sqlite3_result_int64(context, digest);
    }
}

}  // namespace belfry::sqlite
