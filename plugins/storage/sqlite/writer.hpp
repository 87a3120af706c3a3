/// The only thread that writes.
#pragma once

#include "plugins/storage/sqlite/arrivals.hpp"
#include "plugins/storage/sqlite/checkpoints.hpp"
#include "plugins/storage/sqlite/commit.hpp"
#include "plugins/storage/sqlite/condition.hpp"
#include "plugins/storage/sqlite/options.hpp"
#include "plugins/storage/sqlite/work_queue.hpp"

#include <belfry/host.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace belfry::sqlite {

/// Owns the writing connection. Puts as much of what waits as it may into one transaction and
/// answers when that is durable. Calls from any thread.
class Writer {
public:
    /// Opens the connection; the schema is there. Throws SqlError, SQLite::Exception.
    Writer(const Options& options, sdk::Env env, Condition& condition);
    /// Closes the connection, after end().
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// What was accepted is committed and answered; nothing is accepted any more.
    void end();

    void commit(std::unique_ptr<Request> request, sdk::Done<sdk::Committed> done);
    void load(std::vector<sdk::Record> records, sdk::Done<> done);
    void claim(ClaimQuery query, sdk::Done<sdk::Jobs> done);
    /// Completes when all that was accepted before is answered.
    void flush(sdk::Done<> done);
    /// Calls `then`, on the writer's thread, when all that was accepted before is in the tables and
    /// nothing else is, or with why it is not so.
    void settle(std::function<void(const std::optional<Trouble>&)> then);

    [[nodiscard]] const Arrivals& arrivals() const { return arrivals_; }
    /// As of the last commit that was answered.
    [[nodiscard]] Totals totals() const;

private:
    void run();
    void process(Batch& batch);
    std::optional<Trouble> write(const Batch& batch);
    /// One transaction -> why it failed.
    template <class Body>
    std::optional<Trouble> transact(Body body);
    std::optional<Trouble> shorten_log();
    void work_on();
    void settle_at_end();
    void report(const std::optional<Trouble>& trouble);

    const std::string path_;
    sdk::Env env_;
    Condition& condition_;
    Arrivals arrivals_;
    SQLite::Database database_;
    Commit commit_;
    Checkpoints checkpoints_;
    WorkQueue queue_;
    sdk::Metric commit_seconds_;
    sdk::Metric groups_;
    sdk::Metric depth_;
    sdk::Metric arrived_;
    std::atomic<std::uint64_t> streams_ = 0;
    std::atomic<std::uint64_t> entries_ = 0;
    bool is_down_ = false;
    std::thread thread_;
};

}  // namespace belfry::sqlite
