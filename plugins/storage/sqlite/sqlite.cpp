/// SQLite as a storage.
#include "plugins/storage/sqlite/backups.hpp"
#include "plugins/storage/sqlite/durability.hpp"
#include "plugins/storage/sqlite/lock_file.hpp"
#include "plugins/storage/sqlite/read_calls.hpp"
#include "plugins/storage/sqlite/schema.hpp"

#include <belfry/plugin.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace belfry::sqlite {

namespace {

using sdk::Done;
using sdk::Status;

/// SQLite gives the files beside it the same permissions.
void make_private(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        throw sdk::Failure(Status::unavailable,
                           path + ": cannot be opened: " + std::generic_category().message(errno));
    }
    ::close(file);
}

/// Where the file system cannot share memory, SQLite stays in another mode without a word.
void require_wal(SQLite::Database& database) {
    Statement statement(database, "PRAGMA journal_mode = WAL");
    auto rows = statement.query();
    if (!rows.next() || rows.text(0) != "wal") {
        throw sdk::Failure(Status::refused, "a write-ahead log cannot be used here");
    }
}

class Sqlite final : public ReadCalls {
public:
    static constexpr sdk::About kAbout{.name = "sqlite",
                                       .version = "1.0.0",
                                       .summary = "Storage in one SQLite file",
                                       .config_schema = kConfigSchema};

    static void check(std::string_view config) { (void)parse_options(config); }

    Sqlite(sdk::Env env, std::string_view /*name*/, std::string_view config)
        : ReadCalls(env, parse_options(config)) {}

    void start(Done<> done) override {
        try {
            lock_ = std::make_unique<LockFile>(options().path);
            make_private(options().path);
            require_durability(options(), env());
            {
                auto database = open_database(options().path, Access::write);
                migrate(database, options().path);
                require_wal(database);
            }
            condition_ = std::make_unique<Condition>(env(), options().path);
            writer_ = std::make_unique<Writer>(options(), env(), *condition_);
            readers_ =
                std::make_unique<Readers>(options().path, writer_->arrivals(), options().readers);
            backups_ = std::make_unique<Backups>(options().path);
        } catch (const sdk::Failure& failure) {
            close();
            done.fail(failure);
            return;
        } catch (const std::exception& error) {
            close();
            done.fail(Status::unavailable, options().path + ": " + error.what());
            return;
        }
        env().log(sdk::Level::info, "storage is open", {{"path", options().path}});
        is_open_ = true;
        done.ok();
    }

    /// Calls are still served.
    void drain(std::int64_t /*deadline*/, Done<> done) override {
        if (is_open_) {
            writer_->flush(std::move(done));
        } else {
            done.ok();
        }
    }

    /// What was accepted is committed and answered first.
    void stop(Done<> done) override {
        is_open_ = false;
        close();
        done.ok();
    }

    sdk::Applied apply(std::string_view config) override {
        return parse_options(config) == options() ? sdk::Applied::applied : sdk::Applied::restart;
    }

    void commit(sdk::Array<bf_group> groups, Done<sdk::Committed> done) override {
        if (refused(done)) {
            return;
        }
        writer_->commit(std::make_unique<Request>(groups), std::move(done));
    }

    void claim(std::string_view queue, std::int64_t now, std::int64_t until, std::uint64_t limit,
               Done<sdk::Jobs> done) override {
        if (refused(done)) {
            return;
        }
        writer_->claim({std::string(queue), now, until, limit}, std::move(done));
    }

    void dump(std::string_view after, std::uint64_t limit, std::uint64_t max_bytes,
              Done<sdk::Records> done) override {
        if (refused(done)) {
            return;
        }
        auto waiting = std::make_shared<Done<sdk::Records>>(std::move(done));
        writer_->settle([this, waiting, query = DumpQuery{std::string(after), limit, max_bytes}](
                            const std::optional<Trouble>& trouble) {
            if (trouble) {
                waiting->fail(trouble->failure());
                return;
            }
            answer(std::move(*waiting), [query](Reader& reader) { return reader.dump(query); });
        });
    }

    void load(std::vector<sdk::Record> records, Done<> done) override {
        if (!refused(done)) {
            writer_->load(std::move(records), std::move(done));
        }
    }

    void backup(std::string_view path, Done<> done) override {
        if (!refused(done)) {
            backups_->start(std::string(path), std::move(done));
        }
    }

private:
    void close() {
        if (writer_ != nullptr) {
            writer_->end();  // its answers may need the readers
        }
        backups_.reset();
        readers_.reset();
        writer_.reset();  // last: the last to close empties the write-ahead log
        condition_.reset();
        lock_.reset();
    }

    std::unique_ptr<LockFile> lock_;
    std::unique_ptr<Backups> backups_;
};

}  // namespace

}  // namespace belfry::sqlite

BELFRY_PLUGIN(belfry::sqlite::Sqlite)
