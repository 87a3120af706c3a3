#include "tests/bench/postgres_server.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace belfry::bench {
namespace {

namespace fs = std::filesystem;

/// -> the script's exit code. Neither name has a quote in it.
int run_script(const std::string& command, const std::string& folder) {
    const int status =
        std::system(("'" BELFRY_BENCH_POSTGRES "' " + command + " '" + folder + "'").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

PostgresServer::PostgresServer(Scratch scratch)
    : scratch_(std::move(scratch)), folder_(scratch_.file("postgres")) {}

Result<PostgresServer> PostgresServer::start() {
    constexpr int kNotInstalled = 77;
    auto scratch = Scratch::make();
    if (!scratch) {
        return std::unexpected(scratch.error());
    }
    // The server runs as another user where this runs as root.
    std::error_code error;
    fs::permissions(scratch->file(""), fs::perms::others_exec | fs::perms::group_exec,
                    fs::perm_options::add, error);
    PostgresServer server(std::move(*scratch));
    const int status = run_script("start --until " + std::to_string(::getpid()), server.folder_);
    if (status != 0) {
        server.folder_.clear();
    }
    if (status == kNotInstalled) {
        return fail(Code::not_found,
                    "POSTGRESQL IS NOT INSTALLED AND THEREFORE NOT MEASURED: ./dev bench installs "
                    "it, or apt-get install postgresql-15");
    }
    if (status != 0) {
        return fail(Code::unavailable, "the PostgreSQL server does not start (see above)");
    }
    std::ifstream file(server.folder_ + "/conninfo");
    if (!std::getline(file, server.conninfo_)) {
        return fail(Code::unavailable, server.folder_ + "/conninfo: expected the server's address");
    }
    return server;
}

PostgresServer::~PostgresServer() {
    if (!folder_.empty() && run_script("stop", folder_) != 0) {
        progress("*** the PostgreSQL server in " + folder_ + " does not stop");
    }
}

}  // namespace belfry::bench
