/// Copies of the whole schema, made while it is in use.
#pragma once

#include "plugins/storage/postgresql/backup_child.hpp"
#include "plugins/storage/postgresql/options.hpp"

#include <belfry/types.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace belfry::postgresql {

/// One backup at a time, on a thread of its own, by pg_dump in its custom format: pg_restore makes
/// a schema of it. Calls from any thread.
class Backups {
public:
    explicit Backups(Options options) : options_(std::move(options)) {}
    /// Gives up the one that is under way.
    ~Backups();
    Backups(const Backups&) = delete;
    Backups& operator=(const Backups&) = delete;

    /// `path` must be absolute and must not exist; it appears when it is whole and on the disk.
    /// Refused while another backup runs.
    void start(std::string path, sdk::Done<> done);

private:
    void run(const std::string& path, sdk::Done<> done);

    const Options options_;
    std::mutex mutex_;
    std::thread thread_;
    BackupChild child_;
    std::atomic<bool> is_running_ = false;
};

}  // namespace belfry::postgresql
