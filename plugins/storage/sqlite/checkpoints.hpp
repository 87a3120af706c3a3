/// Moves the write-ahead log into the database, beside the writer.
#pragma once

#include "plugins/storage/sqlite/condition.hpp"
#include "plugins/storage/sqlite/options.hpp"

#include <belfry/host.hpp>

#include <SQLiteCpp/Database.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace belfry::sqlite {

/// A thread with a connection of its own. While it works, the log grows; so the last bit is the
/// writer's, between two transactions, after which the log begins again at its start.
class Checkpoints {
public:
    /// Throws SqlError, SQLite::Exception.
    Checkpoints(const Options& options, sdk::Env env, Condition& condition);
    ~Checkpoints();
    Checkpoints(const Checkpoints&) = delete;
    Checkpoints& operator=(const Checkpoints&) = delete;

    /// From the writer, behind a commit: the log has so many pages.
    void note_log(std::uint64_t pages);
    /// From the writer, between transactions, with its connection: finishes what the thread has
    /// left of a log that is too long. Throws SqlError.
    void finish(SQLite::Database& writer);

private:
    void run();
    void work();
    bool wait();
    /// Copies what may be copied.
    void copy(SQLite::Database& database, int mode);

    const Options options_;
    sdk::Env env_;
    Condition& condition_;
    SQLite::Database database_;
    sdk::Metric log_bytes_;
    sdk::Metric seconds_;
    sdk::Metric restarts_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t pages_ = 0;  ///< in the log
    std::uint64_t due_;        ///< with so many pages in it there is something to do
    bool is_stopping_ = false;
    std::atomic<bool> is_long_ = false;  ///< the log is, and the thread has just been at it
    std::int64_t restarted_at_ = 0;
    std::thread thread_;
};

}  // namespace belfry::sqlite
