#include "plugins/storage/postgresql/backups.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace belfry::postgresql {

namespace {

using sdk::Failure;
using sdk::Status;

std::string why(int error) { return std::generic_category().message(error); }

/// Readable by nobody else.
void make_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) {
        throw Failure(Status::unavailable, path + ": cannot be made: " + why(errno));
    }
    ::close(file);
}

/// Gives the file its name where nothing has it yet, and makes that last.
void publish(const std::string& partial, const std::string& path) {
    if (::link(partial.c_str(), path.c_str()) != 0) {
        throw Failure(errno == EEXIST ? Status::conflict : Status::unavailable,
                      path + ": " + why(errno));
    }
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_durable = directory >= 0 && ::fsync(directory) == 0;
    if (directory >= 0) {
        ::close(directory);
    }
    if (!is_durable) {
        throw Failure(Status::retry, folder + ": cannot be written to the disk");
    }
}

}  // namespace

Backups::~Backups() {
    child_.stop();
    const std::lock_guard lock(mutex_);
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Backups::start(std::string path, sdk::Done<> done) {
    const std::lock_guard lock(mutex_);
    if (path.contains('\0') || !std::filesystem::path(path).is_absolute()) {
        done.fail(Status::invalid, "backup: expected an absolute path");
        return;
    }
    if (is_running_.exchange(true)) {
        done.fail(Status::refused, "backup: another one is under way");
        return;
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    thread_ = std::thread([this, path = std::move(path), done = std::move(done)]() mutable {
        run(path, std::move(done));
    });
}

void Backups::run(const std::string& path, sdk::Done<> done) {
    const std::string partial = path + ".partial";
    Failure outcome(Status::ok, "");
    try {
        if (std::filesystem::exists(std::filesystem::symlink_status(path))) {
            throw Failure(Status::conflict, path + ": is there already");
        }
        make_file(partial);
        child_.run(options_, partial);
        publish(partial, path);
    } catch (const Failure& failure) {
        outcome = failure;
    } catch (const std::exception& error) {
        outcome = Failure(Status::unavailable, path + ": " + error.what());
    }
    ::unlink(partial.c_str());
    is_running_ = false;
    if (outcome.status == Status::ok) {
        done.ok();
    } else {
        done.fail(outcome);
    }
}

}  // namespace belfry::postgresql
