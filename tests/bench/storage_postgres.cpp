/// PostgreSQL as one of the databases.
#include "tests/bench/daemon.hpp"
#include "tests/bench/postgres_server.hpp"
#include "tests/bench/storage_databases.hpp"
#include "tests/bench/storage_libpq.hpp"

#include <utility>

namespace belfry::bench {
namespace {

class Postgresql final : public Database {
public:
    Postgresql(PostgresServer server, std::string plugin, PostgresConnection connection)
        : server_(std::move(server)), plugin_(std::move(plugin)),
          connection_(std::move(connection)) {}

    /// What a figure's conditions say of it.
    Result<> learn_settings() {
        for (const char* name : {"server_version", "fsync", "synchronous_commit",
                                 "full_page_writes", "shared_buffers", "max_wal_size"}) {
            const auto value = connection_.run(std::string("SHOW ") + name);
            if (!value) {
                return std::unexpected(value.error());
            }
            description_ += description_.empty() ? "PostgreSQL " + *value
                                                 : std::string(", ") + name + '=' + *value;
        }
        return {};
    }

    [[nodiscard]] std::string name() const override { return "postgresql"; }
    [[nodiscard]] std::string describe() const override { return description_; }

    Result<std::unique_ptr<Subject>> open_storage(const std::string& name) override {
        return Subject::open(plugin_, R"({"connection":")" + server_.conninfo() +
                                          R"(","schema":")" + name +
                                          R"(","require_durable":true})");
    }

    Result<> remove_storage(const std::string& name) override {
        const auto dropped =
            connection_.run("SET client_min_messages = warning; DROP SCHEMA " + name + " CASCADE");
        return dropped ? Result<>() : std::unexpected(dropped.error());
    }

    Result<std::unique_ptr<Limit>> make_limit() override {
        return make_postgres_limit(server_.conninfo());
    }

private:
    PostgresServer server_;
    std::string plugin_;
    PostgresConnection connection_;
    std::string description_;
};

}  // namespace

Result<std::unique_ptr<Database>> make_postgresql(const Machine& machine) {
    auto server = PostgresServer::start();
    if (!server) {
        return std::unexpected(server.error());
    }
    auto connection = PostgresConnection::open(server->conninfo());
    if (!connection) {
        return std::unexpected(connection.error());
    }
    auto database = std::make_unique<Postgresql>(std::move(*server),
                                                 machine.folder + "/../../plugins/postgresql.so",
                                                 std::move(*connection));
    if (auto learnt = database->learn_settings(); !learnt) {
        return std::unexpected(learnt.error());
    }
    return database;
}

}  // namespace belfry::bench
