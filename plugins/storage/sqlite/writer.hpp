/// The only thread that writes.
#pragma once

#include "plugins/storage/sqlite/commit.hpp"
#include "plugins/storage/sqlite/options.hpp"
#include "plugins/storage/sqlite/work_queue.hpp"

#include <belfry/host.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace belfry::sqlite {

/// Owns the writing connection. Puts as much of what waits as it may into one transaction and
/// answers when that is durable. Reports the instance's health. Calls from any thread.
class Writer {
public:
    /// Opens the connection; the schema is there. Throws SqlError, SQLite::Exception.
    Writer(const Options& options, sdk::Env env);
    /// What was accepted is committed and answered first.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void commit(std::unique_ptr<Request> request, sdk::Done<sdk::Committed> done);
    void load(std::vector<sdk::Record> records, sdk::Done<> done);
    void claim(ClaimQuery query, sdk::Done<sdk::Jobs> done);
    /// Completes when all that was accepted before is answered.
    void flush(sdk::Done<> done);
    /// What is on the disk is not certain any more: nothing may be read or written.
    [[nodiscard]] bool is_broken() const { return broken_; }

private:
    void run();
    void process(Batch& batch);
    std::optional<Trouble> write(const Batch& batch);
    /// One transaction -> why it failed.
    template <class Body>
    std::optional<Trouble> transact(Body body);
    void report(const std::optional<Trouble>& trouble);

    const std::string path_;
    sdk::Env env_;
    SQLite::Database database_;
    Commit commit_;
    WorkQueue queue_;
    sdk::Metric commit_seconds_;
    sdk::Metric groups_;
    sdk::Metric depth_;
    std::atomic<bool> broken_ = false;
    std::string down_;  ///< why nothing can be written; empty = all is well
    std::thread thread_;
};

}  // namespace belfry::sqlite
