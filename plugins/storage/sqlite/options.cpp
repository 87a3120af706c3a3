#include "plugins/storage/sqlite/options.hpp"

#include "plugins/storage/sqlite/database.hpp"

#include <belfry/types.hpp>

#include <SQLiteCpp/Database.h>

#include <filesystem>

namespace belfry::sqlite {

namespace {

Synchronous parse_synchronous(std::string_view name) {
    for (const auto level : {Synchronous::full, Synchronous::normal, Synchronous::extra}) {
        if (name_of(level) == name) {
            return level;
        }
    }
    throw sdk::ConfigError("synchronous: expected full, normal or extra, found \"" +
                           std::string(name) + "\"");
}

std::string absolute_path(std::string_view path) {
    if (path.empty() || path.contains('\0')) {
        throw sdk::ConfigError("path: expected the name of a file");
    }
    return std::filesystem::absolute(path).lexically_normal().string();
}

}  // namespace

std::string_view name_of(Synchronous level) {
    switch (level) {
        case Synchronous::normal: return "normal";
        case Synchronous::extra: return "extra";
        case Synchronous::full: break;
    }
    return "full";
}

Options parse_options(std::string_view config) {
    try {
        SQLite::Database memory(":memory:", SQLite::OPEN_READWRITE);
        Statement statement(memory,
                            "SELECT json_extract(?1, '$.path'),"
                            " coalesce(json_extract(?1, '$.synchronous'), 'full'),"
                            " coalesce(json_extract(?1, '$.readers'), 2),"
                            " coalesce(json_extract(?1, '$.wal_autocheckpoint'), 4000),"
                            " coalesce(json_extract(?1, '$.write_through'), 32),"
                            " coalesce(json_extract(?1, '$.journal_entries'), 262144),"
                            " coalesce(json_extract(?1, '$.recent_events'), 262144),"
                            " coalesce(json_extract(?1, '$.require_durable'), 0)");
        auto rows = statement.query(config);
        rows.next();
        Options options;
        options.path = absolute_path(rows.text(0));
        options.synchronous = parse_synchronous(rows.text(1));
        options.readers = static_cast<std::uint32_t>(rows.number(2));
        options.wal_autocheckpoint = static_cast<std::uint32_t>(rows.number(3));
        options.write_through = static_cast<std::uint32_t>(rows.number(4));
        options.journal_entries = static_cast<std::uint32_t>(rows.number(5));
        options.recent_events = static_cast<std::uint32_t>(rows.number(6));
        options.require_durable = rows.number(7) != 0;
        return options;
    } catch (const SqlError& error) {
        throw sdk::ConfigError(std::string("the configuration is not JSON: ") + error.what());
    }
}

}  // namespace belfry::sqlite
