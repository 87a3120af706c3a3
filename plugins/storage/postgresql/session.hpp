/// One connection to the server.
#pragma once

#include "plugins/storage/postgresql/options.hpp"
#include "plugins/storage/postgresql/parameter.hpp"
#include "plugins/storage/postgresql/trouble.hpp"

#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <pqxx/nontransaction>
#include <pqxx/result>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace belfry::postgresql {

/// Statements run one by one; BEGIN and COMMIT are statements like any other. READ COMMITTED,
/// UTF-8, binary parameters, text results. One thread. Every function throws SqlError; one that
/// says `lost` is the end of the session, which never connects again by itself.
class Session {
public:
    /// Connects; waits for `connect_timeout` at most for each address.
    explicit Session(const Options& options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Runs one or several statements without parameters in one round trip -> the last one's rows.
    pqxx::result exec(const std::string& sql);

    /// Names a statement; `@.` in it is the schema. It goes to the server when it is first run.
    void prepare(const std::string& name, std::string_view sql);

    /// Runs a prepared statement. Parameters: whole numbers, bool, text (std::string,
    /// std::string_view), Blob, ArrayParameter, std::optional and nullptr. Texts have no NUL.
    template <class... Values>
    pqxx::result run(const std::string& name, const Values&... values) {
        return guarded([&] { return statements_.exec_prepared(name, wire(values)...); });
    }

    /// From any thread: what is running fails, and the connection is lost.
    void sever() const;

    [[nodiscard]] bool is_lost() const { return is_lost_ || !connection_.is_open(); }
    [[nodiscard]] const std::string& schema() const { return schema_; }
    /// Major and minor version as the server counts them: 150018 is 15.18.
    [[nodiscard]] int server_version() const { return connection_.server_version(); }

private:
    template <std::integral Number>
    static Number wire(Number value) {
        return value;
    }
    static std::string wire(std::string_view text) { return std::string(text); }
    static pqxx::binarystring wire(Blob blob) { return {blob.bytes.data(), blob.bytes.size()}; }
    static pqxx::binarystring wire(const ArrayParameter& array) { return array.wire(); }
    static std::nullptr_t wire(std::nullptr_t null) { return null; }

    template <class Body>
    pqxx::result guarded(Body body) {
        if (is_lost()) {
            raise_lost();
        }
        try {
            return body();
        } catch (...) {
            raise_current();
        }
    }
    [[noreturn]] void raise_lost();
    /// The exception being handled, as a SqlError.
    [[noreturn]] void raise_current();

    const std::string schema_;
    pqxx::connection connection_;
    pqxx::quiet_errorhandler quiet_;
    pqxx::nontransaction statements_;
    const int socket_;  ///< a copy of the connection's, for sever()
    bool is_lost_ = false;
};

}  // namespace belfry::postgresql
