#include "plugins/storage/postgresql/schema.hpp"

#include "plugins/storage/postgresql/schema_append.hpp"
#include "plugins/storage/postgresql/schema_documents.hpp"
#include "plugins/storage/postgresql/schema_marks.hpp"
#include "plugins/storage/postgresql/schema_tables.hpp"
#include "plugins/storage/postgresql/schema_trim.hpp"
#include "plugins/storage/postgresql/sql.hpp"

#include <array>
#include <span>
#include <string>

namespace belfry::postgresql {

namespace {

constexpr int kOldestServer = 140'000;

constexpr std::array kFirst{
    kTables, kPeople, kAppendFunctions, kMarkFunctions, kDocumentFunctions, kTrimFunctions};

constexpr std::array kSteps{std::span<const std::string_view>(kFirst)};

[[noreturn]] void refuse(const std::string& message) {
    throw sdk::Failure(sdk::Status::refused, message);
}

void check_server(Session& session) {
    if (session.server_version() < kOldestServer) {
        refuse("expected PostgreSQL 14 or newer, found " +
               std::to_string(session.server_version() / 10'000));
    }
    const auto rows = session.exec("SHOW server_encoding");
    if (text_at(rows[0][0]) != "UTF8") {
        refuse("expected a database in UTF8, found " + std::string(text_at(rows[0][0])));
    }
}

bool is_there(Session& session, const std::string& sql) {
    return flag_at(session.exec("SELECT EXISTS (" + sql + ")")[0][0]);
}

void make_schema(Session& session) {
    const auto& schema = session.schema();
    if (!is_there(session, "SELECT FROM pg_namespace WHERE nspname = " + quote_literal(schema))) {
        session.exec("CREATE SCHEMA " + quote_name(schema));
    }
    const auto relations =
        "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = " +
        quote_literal(schema);
    if (is_there(session, relations + " AND c.relname = 'migrations'")) {
        return;
    }
    if (is_there(session, relations)) {
        refuse("schema \"" + schema + "\": has tables of another program");
    }
    session.exec(in_schema(schema,
                           "CREATE TABLE @.migrations (version integer PRIMARY KEY,"
                           " applied_at timestamptz NOT NULL DEFAULT now())"));
}

std::size_t version_of(Session& session) {
    const auto rows = session.exec(
        in_schema(session.schema(), "SELECT coalesce(max(version), 0) FROM @.migrations"));
    const auto version = number_at(rows[0][0]);
    if (version < 0 || static_cast<std::size_t>(version) > kSteps.size()) {
        refuse("schema \"" + session.schema() + "\": version " + std::to_string(version) +
               " is newer than the newest known, " + std::to_string(kSteps.size()));
    }
    return static_cast<std::size_t>(version);
}

/// One step -> whether there was one to make.
bool advance(Session& session) {
    const auto& schema = session.schema();
    session.exec("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended(" +
                 quote_literal("belfry schema " + schema) + ", 0))");
    make_schema(session);
    const auto version = version_of(session);
    if (version == kSteps.size()) {
        session.exec("COMMIT");
        return false;
    }
    for (const auto statements : kSteps.at(version)) {
        session.exec(in_schema(schema, statements));
    }
    session.exec(in_schema(schema, "INSERT INTO @.migrations (version) VALUES (" +
                                       std::to_string(version + 1) + "); COMMIT"));
    return true;
}

}  // namespace

void migrate(Session& session) {
    check_server(session);
    try {
        while (advance(session)) {
        }
    } catch (...) {
        if (!session.is_lost()) {
            session.exec("ROLLBACK");
        }
        throw;
    }
}

}  // namespace belfry::postgresql
