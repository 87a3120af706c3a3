#include "plugins/storage/sqlite/row_source.hpp"

#include "plugins/storage/sqlite/database.hpp"

#include <sqlite3.h>

#include <new>
#include <string>

namespace belfry::sqlite {

namespace {

struct Table : sqlite3_vtab {
    RowSource* source = nullptr;
};

struct Cursor : sqlite3_vtab_cursor {
    std::size_t row = 0;
};

RowSource& source_of(const sqlite3_vtab_cursor* cursor) {
    return *static_cast<const Table*>(cursor->pVtab)->source;
}

std::string declaration(const RowSource& source) {
    std::string columns;
    for (int i = 0; i < source.columns(); ++i) {
        columns += (i == 0 ? "c" : ", c") + std::to_string(i);
    }
    return "CREATE TABLE x(" + columns + ")";
}

// The signature is SQLite's, https://www.sqlite.org/vtab.html#the_xcreate_method
int connect(  // NOLINT(readability-function-size)
    sqlite3* database, void* source, int /*count*/, const char* const* /*arguments*/,
    sqlite3_vtab** made, char** /*error*/) {
    auto* own = static_cast<RowSource*>(source);
    const int code = sqlite3_declare_vtab(database, declaration(*own).c_str());
    if (code != SQLITE_OK) {
        return code;
    }
    auto* table = new (std::nothrow) Table();
    if (table == nullptr) {
        return SQLITE_NOMEM;
    }
    table->source = own;
    *made = table;
    return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
    delete static_cast<Table*>(table);
    return SQLITE_OK;
}

int best_index(sqlite3_vtab* /*table*/, sqlite3_index_info* /*info*/) { return SQLITE_OK; }

int open(sqlite3_vtab* /*table*/, sqlite3_vtab_cursor** made) {
    *made = new (std::nothrow) Cursor();
    return *made == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
    delete static_cast<Cursor*>(cursor);
    return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int /*number*/, const char* /*name*/, int /*count*/,
           sqlite3_value** /*values*/) {
    static_cast<Cursor*>(cursor)->row = 0;
    return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
    ++static_cast<Cursor*>(cursor)->row;
    return SQLITE_OK;
}

int is_at_end(sqlite3_vtab_cursor* cursor) {
    return static_cast<Cursor*>(cursor)->row >= source_of(cursor).size() ? 1 : 0;
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int number) {
    source_of(cursor).column(static_cast<Cursor*>(cursor)->row, number, context);
    return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
    *id = static_cast<sqlite3_int64>(static_cast<Cursor*>(cursor)->row);
    return SQLITE_OK;
}

/// Without a function to create, so that the table is there without having been created.
constexpr sqlite3_module make_module() {
    sqlite3_module module{};
    module.xConnect = connect;
    module.xBestIndex = best_index;
    module.xDisconnect = disconnect;
    module.xOpen = open;
    module.xClose = close;
    module.xFilter = filter;
    module.xNext = next;
    module.xEof = is_at_end;
    module.xColumn = column;
    module.xRowid = row_id;
    return module;
}

constexpr sqlite3_module kModule = make_module();

}  // namespace

RowSource::RowSource(SQLite::Database& database, std::string_view name, int columns)
    : columns_(columns) {
    const int code = sqlite3_create_module_v2(database.getHandle(), std::string(name).c_str(),
                                              &kModule, this, nullptr);
    if (code != SQLITE_OK) {
        throw SqlError(code, database.getErrorMsg());
    }
}

void RowSource::give(sqlite3_context* context, std::string_view text) {
    sqlite3_result_text64(context, text.data() == nullptr ? "" : text.data(), text.size(),
                          SQLITE_STATIC, SQLITE_UTF8);
}

void RowSource::give_blob(sqlite3_context* context, std::string_view bytes) {
    sqlite3_result_blob64(context, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                          SQLITE_STATIC);
}

}  // namespace belfry::sqlite
