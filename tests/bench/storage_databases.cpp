#include "tests/bench/storage_databases.hpp"

#include "tests/bench/daemon.hpp"
#include "tests/bench/storage_machine.hpp"

#include <sqlite3.h>

#include <algorithm>
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

    Result<std::unique_ptr<Subject>> open_storage(const std::string& name) override {
        return Subject::open(plugin_,
                             R"({"path":")" + file_of(name) + R"(","synchronous":"full"})");
    }

    Result<> remove_storage(const std::string& name) override {
        std::error_code error;
        for (const char* part : {"", "-wal", "-shm", ".lock"}) {
            fs::remove(file_of(name) + part, error);
        }
        return error ? fail(Code::unavailable, file_of(name) + ": " + error.message()) : Result<>();
    }

    Result<std::unique_ptr<Limit>> make_limit() override {
        return make_sqlite_limit(scratch_.file("bare.db"));
    }

private:
    [[nodiscard]] std::string file_of(const std::string& name) const {
        return scratch_.file(name + ".db");
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

Result<> with_storage(Database& database, const std::string& name,
                      const std::function<Result<>(Subject&)>& use) {
    const auto subject = database.open_storage(name);
    if (!subject) {
        return std::unexpected(subject.error());
    }
    auto used = use(**subject);
    const auto stopped = (*subject)->stop();
    return used ? stopped : used;
}

Result<Figures> for_each_database(const Machine& machine,
                                  const std::function<Result<Figures>(Database&)>& measure) {
    const auto cores = BothCores::use(machine);
    if (!cores) {
        return std::unexpected(cores.error());
    }
    Figures all;
    for (const auto make : {make_sqlite, make_postgresql}) {
        const auto database = make(machine);
        if (!database && database.error().code == Code::not_found) {
            progress("*** " + database.error().message);
            continue;
        }
        if (!database) {
            return std::unexpected(database.error());
        }
        auto figures = measure(**database);
        if (!figures) {
            return figures;
        }
        std::ranges::move(*figures, std::back_inserter(all));
    }
    return all;
}

}  // namespace belfry::bench
