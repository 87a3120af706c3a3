/// Copies of the whole database, made while it is in use.
#pragma once

#include <belfry/types.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

namespace belfry::sqlite {

/// One backup at a time, on a thread of its own. Calls from any thread.
class Backups {
public:
    explicit Backups(std::string database) : database_(std::move(database)) {}
    /// Gives up the one that is under way.
    ~Backups();
    Backups(const Backups&) = delete;
    Backups& operator=(const Backups&) = delete;

    /// `path` must be absolute and must not exist; it appears when it is whole and on the disk.
    /// Refused while another backup runs.
    void start(std::string path, sdk::Done<> done);

private:
    void run(const std::string& path, sdk::Done<> done);
    /// Throws sdk::Failure, SqlError, SQLite::Exception.
    void copy(const std::string& path);

    const std::string database_;
    std::mutex mutex_;
    std::thread thread_;
    std::atomic<bool> is_running_ = false;
    std::atomic<bool> is_stopping_ = false;
};

}  // namespace belfry::sqlite
