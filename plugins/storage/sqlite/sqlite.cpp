/// SQLite as a storage.
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <belfry/plugin.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/storage/sqlite/lock_file.hpp"
#include "plugins/storage/sqlite/options.hpp"
#include "plugins/storage/sqlite/readers.hpp"
#include "plugins/storage/sqlite/schema.hpp"
#include "plugins/storage/sqlite/writer.hpp"

namespace belfry::sqlite {

namespace {

using sdk::Done;
using sdk::Status;
using sdk::view;

constexpr std::int64_t kSecond = 1'000'000'000;

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
            {
                auto database = open_database(options_.path, Access::write);
                execute(database, "PRAGMA journal_mode = WAL");
                migrate(database, options_.path);
            }
            writer_ = std::make_unique<Writer>(options_, env());
            readers_ = std::make_unique<Readers>(options_.path, options_.readers);
        } catch (const sdk::Failure& failure) {
            done.fail(failure);
            return;
        } catch (const std::exception& error) {
            done.fail(Status::unavailable, options_.path + ": " + error.what());
            return;
        }
        done.ok();
    }

    /// What was accepted is committed and answered first.
    void stop(Done<> done) override {
        writer_.reset();
        readers_.reset();
        lock_.reset();
        done.ok();
    }

    sdk::Applied apply(std::string_view config) override {
        return parse_options(config) == options_ ? sdk::Applied::applied : sdk::Applied::restart;
    }

    void commit(sdk::Array<bf_group> groups, Done<sdk::Committed> done) override {
        writer_->commit(std::make_unique<Request>(groups), std::move(done));
    }

    void claim(std::string_view queue, std::int64_t now, std::int64_t until, std::uint64_t limit,
               Done<sdk::Jobs> done) override {
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
        answer(std::move(done), [own = std::move(own)](Reader& reader) { return reader.page(own); });
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
        answer(std::move(done), [stream = std::string(stream)](Reader& reader) {
            return reader.cursors(stream);
        });
    }

    void get(std::string_view collection, std::string_view id, Done<sdk::Document> done) override {
        answer(std::move(done),
               [collection = std::string(collection), id = std::string(id)](Reader& reader) {
                   sdk::Document document;
                   if (!reader.get(collection, id, document)) {
                       throw sdk::Failure(Status::not_found, "document \"" + id + "\" of \"" +
                                                                 collection + "\": is not there");
                   }
                   return document;
               });
    }

    void find(const bf_find& query, Done<sdk::Documents> done) override {
        DocumentQuery own{std::string(view(query.collection)),
                          std::string(view(query.index)),
                          std::string(view(query.from)),
                          std::string(view(query.to)),
                          std::string(view(query.after_key)),
                          std::string(view(query.after_id)),
                          (query.flags & BF_READ_BACKWARD) != 0,
                          query.limit};
        answer(std::move(done), [own = std::move(own)](Reader& reader) { return reader.find(own); });
    }

    void jobs(std::string_view queue, std::uint32_t state, std::string_view after,
              std::uint64_t limit, Done<sdk::Jobs> done) override {
        answer(std::move(done), [queue = std::string(queue), state, after = std::string(after),
                                 limit](Reader& reader) {
            return reader.jobs(queue, state, after, limit);
        });
    }

    void stats(Done<sdk::StorageStats> done) override {
        answer(std::move(done), [level = options_.synchronous](Reader& reader) {
            auto stats = reader.stats();
            stats.durable = level != Synchronous::normal;
            stats.durability = "WAL, synchronous=" + std::string(name_of(level));
            return stats;
        });
    }

    void backup(std::string_view path, Done<> done) override {
        answer(std::move(done), [path = std::string(path)](Reader& reader) {
            reader.backup(path);
            return sdk::Nothing{};
        });
    }

private:
    /// Completes on a reader's thread.
    template <class Value, class Read>
    void answer(Done<Value> done, Read read) {
        auto waiting = std::make_shared<Done<Value>>(std::move(done));
        const bool accepted = readers_->run([waiting, read = std::move(read)](Reader& reader) {
            try {
                waiting->ok(read(reader));
            } catch (const sdk::Failure& failure) {
                waiting->fail(failure);
            } catch (const std::exception& error) {
                waiting->fail(Status::unavailable, std::string("sqlite: ") + error.what(), kSecond);
            }
        });
        if (!accepted) {
            waiting->fail(Status::unavailable, "too many reads wait", kSecond);
        }
    }

    const Options options_;
    std::unique_ptr<LockFile> lock_;
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<Readers> readers_;
};

}  // namespace

}  // namespace belfry::sqlite

BELFRY_PLUGIN(belfry::sqlite::Sqlite)
