#include "tests/bench/storage_libpq.hpp"

#include <libpq-fe.h>

namespace belfry::bench {
namespace {

struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, Clear>;

std::unexpected<Error> failed(pg_conn* connection) {
    return fail(Code::unavailable,
                std::string("PostgreSQL by itself: ") + PQerrorMessage(connection));
}

}  // namespace

void PostgresConnection::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

Result<PostgresConnection> PostgresConnection::open(const std::string& conninfo) {
    PostgresConnection opened(PQconnectdb(conninfo.c_str()));
    if (PQstatus(opened.connection_.get()) != CONNECTION_OK) {
        return failed(opened.connection_.get());
    }
    return opened;
}

Result<std::string> PostgresConnection::finish() {
    std::string value;
    bool is_fine = true;
    while (const PostgresResult result{PQgetResult(connection_.get())}) {
        const auto status = PQresultStatus(result.get());
        is_fine = is_fine && (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
        if (PQntuples(result.get()) > 0) {
            value = PQgetvalue(result.get(), 0, 0);
        }
    }
    return is_fine ? Result<std::string>(std::move(value)) : failed(connection_.get());
}

Result<std::string> PostgresConnection::run(const std::string& sql) {
    if (PQsendQuery(connection_.get(), sql.c_str()) != 1) {
        return failed(connection_.get());
    }
    return finish();
}

Result<> PostgresConnection::copy(const std::string& sql, std::string_view bytes) {
    const PostgresResult started{PQexec(connection_.get(), sql.c_str())};
    if (PQresultStatus(started.get()) != PGRES_COPY_IN ||
        PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1 ||
        PQputCopyEnd(connection_.get(), nullptr) != 1) {
        return failed(connection_.get());
    }
    const auto done = finish();
    return done ? Result<>() : std::unexpected(done.error());
}

}  // namespace belfry::bench
