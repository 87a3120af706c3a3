/// PostgreSQL as a storage.
#include "plugins/storage/postgresql/options.hpp"
#include "plugins/storage/postgresql/reader_calls.hpp"
#include "plugins/storage/postgresql/schema.hpp"
#include "plugins/storage/postgresql/writer.hpp"

#include <belfry/plugin.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace belfry::postgresql {

namespace {

using sdk::Done;
using sdk::Status;

class PostgreSql final : public ReadCalls {
public:
    static constexpr sdk::About kAbout{.name = "postgresql",
                                       .version = "1.0.0",
                                       .summary = "Storage in a PostgreSQL database",
                                       .config_schema = kConfigSchema};

    static void check(std::string_view config) { (void)parse_options(config); }

    PostgreSql(sdk::Env env, std::string_view /*name*/, std::string_view config)
        : ReadCalls(env), options_(parse_options(config)), place_(options_.place()) {}

    ~PostgreSql() override { join(); }

    /// On a thread of its own: it waits for the server.
    void start(Done<> done) override {
        life_ = std::thread([this, done = std::move(done)]() mutable {
            try {
                open();
            } catch (const sdk::Failure& failure) {
                close();
                done.fail(failure.status, place_ + ": " + failure.what(), failure.retry_after);
                return;
            } catch (const std::exception& error) {
                close();
                done.fail(trouble_of(error, place_).failure());
                return;
            }
            done.ok();
        });
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
        join();
        is_open_ = false;
        life_ = std::thread([this, done = std::move(done)]() mutable {
            close();
            done.ok();
        });
    }

    sdk::Applied apply(std::string_view config) override {
        return parse_options(config) == options_ ? sdk::Applied::applied : sdk::Applied::restart;
    }

    void commit(sdk::Array<bf_group> groups, Done<sdk::Committed> done) override {
        if (is_open_) {
            writer_->commit(std::make_unique<Request>(groups), std::move(done));
        } else {
            done.fail(Status::closed, place_ + ": is not open");
        }
    }

    void claim(std::string_view queue, std::int64_t now, std::int64_t until, std::uint64_t limit,
               Done<sdk::Jobs> done) override {
        if (is_open_) {
            writer_->claim({std::string(queue), now, until, limit}, std::move(done));
        } else {
            done.fail(Status::closed, place_ + ": is not open");
        }
    }

private:
    void open() {
        {
            Session session(options_);
            check_durability(audit(session));
            migrate(session);
        }
        writer_ = std::make_unique<Writer>(options_, env());
        const auto durability = writer_->durability();
        open_reads(options_, durability.is_durable, durability.settings);
        env().log(sdk::Level::info, "storage is open",
                  {{"place", place_}, {"durability", durability.settings}});
        is_open_ = true;
    }

    void check_durability(const Durability& durability) {
        if (durability.is_durable) {
            return;
        }
        if (options_.require_durable) {
            throw sdk::Failure(Status::refused,
                               "require_durable: expected fsync=on, full_page_writes=on and"
                               " synchronous_commit not off, found " +
                                   durability.settings);
        }
        env().log(sdk::Level::warning, "commits may be lost with the power",
                  {{"place", place_}, {"durability", durability.settings}});
    }

    void close() {
        close_reads();
        writer_.reset();
    }

    void join() {
        if (life_.joinable()) {
            life_.join();
        }
    }

    const Options options_;
    const std::string place_;
    std::unique_ptr<Writer> writer_;
    std::atomic<bool> is_open_ = false;
    std::thread life_;  ///< of start, then of stop
};

}  // namespace

}  // namespace belfry::postgresql

BELFRY_PLUGIN(belfry::postgresql::PostgreSql)
