/// SQLite as a storage.
#include "plugins/storage/sqlite/backups.hpp"
#include "plugins/storage/sqlite/lock_file.hpp"
#include "plugins/storage/sqlite/options.hpp"
#include "plugins/storage/sqlite/readers.hpp"
#include "plugins/storage/sqlite/schema.hpp"
#include "plugins/storage/sqlite/writer.hpp"

#include <belfry/plugin.hpp>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace belfry::sqlite {

namespace {

using sdk::Done;
using sdk::Status;
using sdk::view;

constexpr std::int64_t kSecond = 1'000'000'000;

/// SQLite gives the files beside it the same permissions.
void make_private(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        throw sdk::Failure(Status::unavailable,
                           path + ": cannot be opened: " + std::generic_category().message(errno));
    }
    ::close(file);
}

bool is_in_memory(const std::string& path) {
    struct statfs info{};
    return ::statfs(path.c_str(), &info) == 0 &&
           (info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC);
}

/// Where the file system cannot share memory, SQLite stays in another mode without a word.
void require_wal(SQLite::Database& database) {
    Statement statement(database, "PRAGMA journal_mode = WAL");
    auto rows = statement.query();
    if (!rows.next() || rows.text(0) != "wal") {
        throw sdk::Failure(Status::refused, "a write-ahead log cannot be used here");
    }
}

class Sqlite final : public sdk::Storage {
public:
    static constexpr sdk::About kAbout{.name = "sqlite",
                                       .version = "1.0.0",
                                       .summary = "Storage in one SQLite file",
                                       .config_schema = kConfigSchema};

    static void check(std::string_view config) { (void)parse_options(config); }

    Sqlite(sdk::Env env, std::string_view /*name*/, std::string_view config)
        : Storage(env), options_(parse_options(config)) {}

    void start(Done<> done) override {
        try {
            lock_ = std::make_unique<LockFile>(options_.path);
            make_private(options_.path);
            {
                auto database = open_database(options_.path, Access::write);
                migrate(database, options_.path);
                require_wal(database);
            }
            condition_ = std::make_unique<Condition>(env(), options_.path);
            writer_ = std::make_unique<Writer>(options_, env(), *condition_);
            readers_ =
                std::make_unique<Readers>(options_.path, writer_->arrivals(), options_.readers);
            backups_ = std::make_unique<Backups>(options_.path);
        } catch (const sdk::Failure& failure) {
            close();
            done.fail(failure);
            return;
        } catch (const std::exception& error) {
            close();
            done.fail(Status::unavailable, options_.path + ": " + error.what());
            return;
        }
        env().log(sdk::Level::info, "storage is open", {{"path", options_.path}});
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
        return parse_options(config) == options_ ? sdk::Applied::applied : sdk::Applied::restart;
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

    void read(const bf_read& query, Done<sdk::Page> done) override {
        PageQuery own{std::string(view(query.stream)),
                      std::string(view(query.notification_id)),
                      std::string(view(query.type)),
                      (query.flags & BF_READ_BACKWARD) != 0,
                      query.after,
                      query.limit,
                      query.max_bytes,
                      query.state_mask,
                      query.state_want};
        answer(std::move(done),
               [own = std::move(own)](Reader& reader) { return reader.page(own); });
    }

    void heads(std::span<const bf_str> streams, Done<sdk::Heads> done) override {
        std::vector<std::string> names;
        names.reserve(streams.size());
        for (const bf_str& stream : streams) {
            names.emplace_back(view(stream));
        }
        answer(std::move(done),
               [names = std::move(names)](Reader& reader) { return reader.heads(names); });
    }

    void streams(std::string_view after, std::uint64_t limit, Done<sdk::Heads> done) override {
        answer(std::move(done), [after = std::string(after), limit](Reader& reader) {
            return reader.streams(after, limit);
        });
    }

    void cursors(std::string_view stream, Done<sdk::Cursors> done) override {
        answer(std::move(done),
               [stream = std::string(stream)](Reader& reader) { return reader.cursors(stream); });
    }

    void cursor(std::string_view stream, std::string_view device,
                Done<sdk::Cursors> done) override {
        answer(std::move(done), [stream = std::string(stream), device = std::string(device)](
                                    Reader& reader) { return reader.cursor(stream, device); });
    }

    void get(std::string_view collection, std::string_view id, Done<sdk::Document> done) override {
        answer(std::move(done),
               [collection = std::string(collection), id = std::string(id)](Reader& reader) {
                   sdk::Document document;
                   if (!reader.documents().get(collection, id, document)) {
                       throw sdk::Failure(Status::not_found, "document \"" + id + "\" of \"" +
                                                                 collection + "\": is not there");
                   }
                   return document;
               });
    }

    void find(const bf_find& query, Done<sdk::Documents> done) override {
        DocumentQuery own{std::string(view(query.collection)),   std::string(view(query.index)),
                          std::string(view(query.from)),         std::string(view(query.to)),
                          std::string(view(query.after_key)),    std::string(view(query.after_id)),
                          (query.flags & BF_READ_BACKWARD) != 0, query.limit};
        answer(std::move(done),
               [own = std::move(own)](Reader& reader) { return reader.documents().find(own); });
    }

    void jobs(std::string_view queue, std::uint32_t state, std::string_view after,
              std::uint64_t limit, Done<sdk::Jobs> done) override {
        answer(std::move(done),
               [queue = std::string(queue), state, after = std::string(after),
                limit](Reader& reader) { return reader.jobs(queue, state, after, limit); });
    }

    void stats(Done<sdk::StorageStats> done) override {
        answer(std::move(done),
               [level = options_.synchronous, in_memory = is_in_memory(options_.path),
                totals = totals()](Reader& reader) {
                   sdk::StorageStats stats;
                   stats.streams = totals.streams;
                   stats.entries = totals.entries;
                   stats.bytes = reader.bytes();
                   stats.durable = level != Synchronous::normal && !in_memory;
                   stats.durability = "WAL, synchronous=" + std::string(name_of(level)) +
                                      (in_memory ? ", on a file system in memory" : "");
                   return stats;
               });
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

    /// Has failed the call, because nothing can be done with it.
    template <class Value>
    bool refused(Done<Value>& done) {
        if (!is_open_) {
            done.fail(Status::closed, options_.path + ": is not open");
            return true;
        }
        if (condition_->is_broken()) {
            done.fail(Status::unavailable, options_.path + ": what is on the disk is not certain");
            return true;
        }
        return false;
    }

    /// Before start, nothing.
    [[nodiscard]] Totals totals() const { return is_open_ ? writer_->totals() : Totals{}; }

    /// Completes on a reader's thread.
    template <class Value, class Read>
    void answer(Done<Value> done, Read read) {
        if (refused(done)) {
            return;
        }
        auto waiting = std::make_shared<Done<Value>>(std::move(done));
        const bool accepted = readers_->run([this, waiting,
                                             read = std::move(read)](Reader& reader) {
            try {
                waiting->ok(read(reader));
            } catch (const sdk::Failure& failure) {
                waiting->fail(failure);
            } catch (const SqlError& error) {
                if (error.is_damage()) {
                    condition_->report_damage(error.what());
                }
                waiting->fail(Status::unavailable, options_.path + ": " + error.what(), kSecond);
            } catch (const std::exception& error) {
                waiting->fail(Status::unavailable, options_.path + ": " + error.what(), kSecond);
            }
        });
        if (!accepted) {
            waiting->fail(Status::unavailable, "too many reads wait", kSecond);
        }
    }

    const Options options_;
    std::unique_ptr<LockFile> lock_;
    std::unique_ptr<Condition> condition_;
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<Readers> readers_;
    std::unique_ptr<Backups> backups_;
    std::atomic<bool> is_open_ = false;
};

}  // namespace

}  // namespace belfry::sqlite

BELFRY_PLUGIN(belfry::sqlite::Sqlite)
