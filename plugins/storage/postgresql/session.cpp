#include "plugins/storage/postgresql/session.hpp"

#include "plugins/storage/postgresql/sql.hpp"

#include <fcntl.h>
#include <pqxx/except>
#include <sys/socket.h>
#include <unistd.h>

namespace belfry::postgresql {

namespace {

// A lock is held for one transaction of a few milliseconds; a statement that takes longer than
// this, or a peer that sends nothing more, has gone wrong.
constexpr const char* kSettings =
    "SET client_min_messages = error;"
    "SET standard_conforming_strings = on;"
    "SET bytea_output = hex;"
    "SET default_transaction_isolation = 'read committed';"
    "SET lock_timeout = '10s';"
    "SET statement_timeout = '120s';"
    "SET idle_in_transaction_session_timeout = '60s';"
    "SET tcp_keepalives_idle = 10;"
    "SET tcp_keepalives_interval = 5;"
    "SET tcp_keepalives_count = 3;"
    "SET tcp_user_timeout = 25000;"
    "SET jit = off";

/// The server's primary message is what libpqxx gives when it is terse; libpq's own are one or more
/// lines, too.
std::string first_line(std::string_view text) {
    for (const std::string_view prefix : {"ERROR:  ", "FATAL:  ", "PANIC:  "}) {
        if (text.starts_with(prefix)) {
            text.remove_prefix(prefix.size());
        }
    }
    return std::string(text.substr(0, text.find('\n')));
}

SqlError error_of(const std::exception_ptr& current) {
    try {
        std::rethrow_exception(current);
    } catch (const pqxx::insufficient_privilege& error) {
        return {"42501", false, first_line(error.what())};  // libpqxx leaves it out
    } catch (const pqxx::sql_error& error) {
        return {error.sqlstate(), false, first_line(error.what())};
    } catch (const pqxx::deadlock_detected& error) {
        return {"40P01", false, first_line(error.what())};
    } catch (const pqxx::serialization_failure& error) {
        return {"40001", false, first_line(error.what())};
    } catch (const pqxx::statement_completion_unknown& error) {
        return {"40003", false, first_line(error.what())};
    } catch (const pqxx::transaction_rollback& error) {
        return {"40000", false, first_line(error.what())};
    } catch (const pqxx::broken_connection& error) {
        return {{}, true, first_line(error.what())};
    } catch (const std::exception& error) {
        return {{}, false, first_line(error.what())};
    }
}

pqxx::connection connect(const Options& options) {
    try {
        return pqxx::connection(options.conninfo());
    } catch (const std::exception&) {
        auto error = error_of(std::current_exception());
        error.lost = true;
        throw error;  // NOLINT(misc-throw-by-value-catch-by-reference)
    }
}

}  // namespace

Session::Session(const Options& options)
    : schema_(options.schema), connection_(connect(options)), quiet_(connection_),
      statements_(connection_), socket_(::fcntl(connection_.sock(), F_DUPFD_CLOEXEC, 0)) {
    connection_.set_verbosity(pqxx::connection_base::terse);
    exec(kSettings);
}

Session::~Session() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

void Session::sever() const { ::shutdown(socket_, SHUT_RDWR); }

pqxx::result Session::exec(const std::string& sql) {
    return guarded([&] { return statements_.exec(sql); });
}

void Session::prepare(const std::string& name, std::string_view sql) {
    connection_.prepare(name, in_schema(schema_, sql));
}

void Session::raise_lost() {
    is_lost_ = true;
    throw SqlError({}, true, "the connection is lost");
}

void Session::raise_current() {
    auto error = error_of(std::current_exception());
    is_lost_ = is_lost() || error.lost;
    if (is_lost_ && error.state.empty()) {
        raise_lost();
    }
    error.lost = is_lost_;
    throw error;  // NOLINT(misc-throw-by-value-catch-by-reference)
}

}  // namespace belfry::postgresql
