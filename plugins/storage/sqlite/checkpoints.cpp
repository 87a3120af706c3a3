#include "plugins/storage/sqlite/checkpoints.hpp"

#include "plugins/storage/sqlite/database.hpp"

#include <sqlite3.h>

#include <chrono>

namespace belfry::sqlite {

namespace {

/// The log is too long from so many times the pages of one checkpoint on.
constexpr std::uint64_t kLong = 4;
/// From here on the writer waits for readers, so that it can begin the log again.
constexpr std::uint64_t kVeryLong = 16;
constexpr int kReaderMilliseconds = 50;
constexpr std::int64_t kBetweenWaits = 1'000'000'000;
constexpr std::chrono::seconds kAfterTrouble{1};
constexpr double kPageBytes = 4096 + 24;

SQLite::Database open_own(const Options& options) {
    auto database = open_database(options.path, Access::write);
    execute(database, "PRAGMA synchronous = " + std::string(name_of(options.synchronous)));
    execute(database, "PRAGMA wal_autocheckpoint = 0");
    return database;
}

}  // namespace

Checkpoints::Checkpoints(const Options& options, sdk::Env env, Condition& condition)
    : options_(options), env_(env), condition_(condition), database_(open_own(options)),
      log_bytes_(env.gauge("sqlite_wal_bytes", "Size of what is in the write-ahead log")),
      seconds_(env.histogram("sqlite_checkpoint_seconds", "Time of one checkpoint")),
      restarts_(env.counter("sqlite_wal_restarts_total",
                            "How often the write-ahead log began again at its start")),
      due_(options.wal_autocheckpoint), thread_([this] { run(); }) {}

Checkpoints::~Checkpoints() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Checkpoints::note_log(std::uint64_t pages) {
    log_bytes_.set(static_cast<double>(pages) * kPageBytes);
    const std::lock_guard lock(mutex_);
    if (pages < pages_) {
        due_ = options_.wal_autocheckpoint;
        restarts_.add();
    }
    pages_ = pages;
    if (pages_ >= due_) {
        changed_.notify_one();
    }
}

bool Checkpoints::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_stopping_ || pages_ >= due_; });
    due_ = pages_ + options_.wal_autocheckpoint;
    return !is_stopping_;
}

void Checkpoints::run() {
    while (wait()) {
        try {
            work();
            condition_.end_delay();
        } catch (const std::exception& error) {
            condition_.delay(trouble_of(error, options_.path));
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, kAfterTrouble, [this] { return is_stopping_; });
        }
    }
}

void Checkpoints::work() {
    copy(database_, SQLITE_CHECKPOINT_PASSIVE);
    const std::lock_guard lock(mutex_);
    is_long_ = pages_ >= kLong * options_.wal_autocheckpoint;
}

void Checkpoints::copy(SQLite::Database& database, int mode) {
    const auto start = env_.monotonic();
    const int code =
        sqlite3_wal_checkpoint_v2(database.getHandle(), nullptr, mode, nullptr, nullptr);
    seconds_.add(static_cast<double>(env_.monotonic() - start) / 1e9);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
        throw SqlError(sqlite3_extended_errcode(database.getHandle()), database.getErrorMsg());
    }
}

void Checkpoints::finish(SQLite::Database& writer) {
    if (!is_long_.exchange(false)) {
        return;
    }
    const auto now = env_.monotonic();
    std::uint64_t pages = 0;
    {
        const std::lock_guard lock(mutex_);
        pages = pages_;
    }
    const bool is_very_long = pages >= kVeryLong * options_.wal_autocheckpoint;
    if (is_very_long && now - restarted_at_ >= kBetweenWaits) {
        restarted_at_ = now;
        sqlite3_busy_timeout(writer.getHandle(), kReaderMilliseconds);
        copy(writer, SQLITE_CHECKPOINT_RESTART);
        sqlite3_busy_timeout(writer.getHandle(), kBusyMilliseconds);
    } else {
        copy(writer, SQLITE_CHECKPOINT_PASSIVE);
    }
}

}  // namespace belfry::sqlite
