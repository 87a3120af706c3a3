/// PostgreSQL by its native client.
#pragma once

#include "daemon/base/error.hpp"

#include <memory>
#include <string>
#include <string_view>

struct pg_conn;

namespace belfry::bench {

/// One connection. Calls wait; one thread.
class PostgresConnection {
public:
    static Result<PostgresConnection> open(const std::string& conninfo);

    /// Runs statements -> the first value of the last one's first row; empty where it gives none.
    Result<std::string> run(const std::string& sql);
    /// Runs COPY ... FROM STDIN with these bytes; committed when it returns.
    Result<> copy(const std::string& sql, std::string_view bytes);

private:
    struct Close {
        void operator()(pg_conn* connection) const;
    };
    explicit PostgresConnection(pg_conn* connection) : connection_(connection) {}
    /// What the server answered, and what the command gave.
    Result<std::string> finish();

    std::unique_ptr<pg_conn, Close> connection_;
};

}  // namespace belfry::bench
