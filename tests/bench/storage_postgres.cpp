/// PostgreSQL as one of the databases.
#include "tests/bench/daemon.hpp"
#include "tests/bench/storage_databases.hpp"
#include "tests/bench/storage_libpq.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

namespace belfry::bench {
namespace {

namespace fs = std::filesystem;

/// A server in a folder; ends with this, and with the process however that ends.
class Server {
public:
    /// Waits until it answers.
    static Result<Server> start(const std::string& folder) {
        constexpr int kNotInstalled = 77;
        const int status = run("start --until " + std::to_string(::getpid()), folder);
        if (status == kNotInstalled) {
            return fail(Code::not_found,
                        "POSTGRESQL IS NOT INSTALLED AND THEREFORE NOT MEASURED: ./dev bench "
                        "installs it, or apt-get install postgresql-15");
        }
        if (status != 0) {
            return fail(Code::unavailable, "the PostgreSQL server does not start (see above)");
        }
        Server server(folder);
        std::ifstream file(folder + "/conninfo");
        if (!std::getline(file, server.conninfo_)) {
            return fail(Code::unavailable, folder + "/conninfo: expected the server's address");
        }
        return server;
    }
    Server(Server&& other) noexcept
        : folder_(std::exchange(other.folder_, {})), conninfo_(std::move(other.conninfo_)) {}
    Server& operator=(Server&&) = delete;
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        if (!folder_.empty() && run("stop", folder_) != 0) {
            progress("*** the PostgreSQL server in " + folder_ + " does not stop");
        }
    }

    [[nodiscard]] const std::string& conninfo() const { return conninfo_; }

private:
    explicit Server(std::string folder) : folder_(std::move(folder)) {}

    /// -> the script's exit code. Neither name has a quote in it.
    static int run(const std::string& command, const std::string& folder) {
        const int status =
            std::system(("'" BELFRY_BENCH_POSTGRES "' " + command + " '" + folder + "'").c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::string folder_;
    std::string conninfo_;
};

class Postgresql final : public Database {
public:
    Postgresql(Scratch scratch, Server server, std::string plugin, PostgresConnection connection)
        : scratch_(std::move(scratch)), server_(std::move(server)), plugin_(std::move(plugin)),
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
    Scratch scratch_;
    Server server_;
    std::string plugin_;
    PostgresConnection connection_;
    std::string description_;
};

}  // namespace

Result<std::unique_ptr<Database>> make_postgresql(const Machine& machine) {
    auto scratch = Scratch::make();
    if (!scratch) {
        return std::unexpected(scratch.error());
    }
    // The server runs as another user where this runs as root.
    std::error_code error;
    fs::permissions(scratch->file(""), fs::perms::others_exec | fs::perms::group_exec,
                    fs::perm_options::add, error);
    auto server = Server::start(scratch->file("postgres"));
    if (!server) {
        return std::unexpected(server.error());
    }
    auto connection = PostgresConnection::open(server->conninfo());
    if (!connection) {
        return std::unexpected(connection.error());
    }
    auto database = std::make_unique<Postgresql>(std::move(*scratch), std::move(*server),
                                                 machine.folder + "/../../plugins/postgresql.so",
                                                 std::move(*connection));
    if (auto learnt = database->learn_settings(); !learnt) {
        return std::unexpected(learnt.error());
    }
    return database;
}

}  // namespace belfry::bench
