/// pg_dump as a child process.
#pragma once

#include "plugins/storage/postgresql/options.hpp"

#include <sys/types.h>

#include <mutex>
#include <string>
#include <vector>

namespace belfry::postgresql {

/// One run. stop() may be called on any thread, everything else on one.
class BackupChild {
public:
    BackupChild() = default;
    BackupChild(const BackupChild&) = delete;
    BackupChild& operator=(const BackupChild&) = delete;

    /// Writes the schema into the file, which is there, and waits until that has ended. Throws
    /// sdk::Failure: refused where pg_dump is not installed, closed after stop(), else unavailable
    /// with the last line it has written.
    void run(const Options& options, const std::string& file);
    /// Ends the process, now or when it begins.
    void stop();

private:
    /// -> where its standard error can be read.
    int spawn(const std::vector<std::string>& arguments,
              const std::vector<std::string>& environment);
    int wait();

    std::mutex mutex_;
    pid_t process_ = 0;
    bool is_stopped_ = false;
};

}  // namespace belfry::postgresql
