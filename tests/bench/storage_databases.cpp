#include "tests/bench/storage_databases.hpp"

#include "tests/bench/daemon.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <utility>

namespace belfry::bench {
namespace {

namespace fs = std::filesystem;

class Sqlite final : public Database {
public:
    Sqlite(Scratch scratch, std::string plugin)
        : scratch_(std::move(scratch)), plugin_(std::move(plugin)) {}

    [[nodiscard]] std::string name() const override { return "sqlite"; }
    [[nodiscard]] std::string describe() const override {
        return std::string("SQLite ") + sqlite3_libversion() + ", WAL, synchronous=full";
    }

    Result<std::unique_ptr<Subject>> make_storage(const std::string& place) override {
        return Subject::open(plugin_,
                             R"({"path":")" + file_of(place) + R"(","synchronous":"full"})");
    }

    Result<> remove_storage(const std::string& place) override {
        std::error_code error;
        for (const char* part : {"", "-wal", "-shm", ".lock"}) {
            fs::remove(file_of(place) + part, error);
        }
        return error ? fail(Code::unavailable, file_of(place) + ": " + error.message())
                     : Result<>();
    }

    Result<std::unique_ptr<Limit>> make_limit() override {
        return make_sqlite_limit(scratch_.file("bare.db"));
    }

private:
    [[nodiscard]] std::string file_of(const std::string& place) const {
        return scratch_.file(place + ".db");
    }

    Scratch scratch_;
    std::string plugin_;
};

}  // namespace

Result<std::unique_ptr<Database>> make_sqlite(const Machine& machine) {
    auto scratch = Scratch::make();
    if (!scratch) {
        return std::unexpected(scratch.error());
    }
    return std::make_unique<Sqlite>(std::move(*scratch),
                                    machine.folder + "/../../plugins/sqlite.so");
}

Result<std::vector<std::unique_ptr<Database>>> make_databases(const Machine& machine) {
    std::vector<std::unique_ptr<Database>> databases;
    for (const auto make : {make_sqlite, make_postgresql}) {
        auto made = make(machine);
        if (!made && made.error().code == Code::not_found) {
            progress("*** " + made.error().message);
            continue;
        }
        if (!made) {
            return std::unexpected(made.error());
        }
        databases.push_back(std::move(*made));
    }
    return databases;
}

}  // namespace belfry::bench
