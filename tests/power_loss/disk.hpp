/// A VFS of SQLite (sqlite.org/vfs.html) that stands before the usual one: it records what is
/// written below one folder, and fails what it is told to fail.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace belfry::power_loss {

/// One thing that happened to a file, or an acknowledgement that came between two of them.
struct Event {
    enum class Kind : std::uint8_t { create, write, truncate, sync, remove, acknowledge };
    Kind kind = Kind::write;
    std::string file;          ///< its name in the folder
    std::uint64_t offset = 0;  ///< of a write; the size after a truncate; the number acknowledged;
                               ///< 1 where a removal was synced
    std::string bytes;
};

/// The default VFS of this process while it lives; one at a time. What is not below the folder goes
/// through unseen. Any thread.
class Disk {
public:
    explicit Disk(std::string folder);
    ~Disk();
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    /// Everything so far.
    [[nodiscard]] std::vector<Event> events() const;
    void acknowledge(std::uint64_t number);

    /// Asked before each write, truncate and sync; a result code of SQLite fails it. Set while
    /// nothing is open.
    std::function<std::optional<int>(Event::Kind)> fault;

    // For the functions of the VFS.
    [[nodiscard]] std::optional<std::string> name_below(const char* path) const;
    void record(Event event);
    [[nodiscard]] std::optional<int> fault_of(Event::Kind kind) const;
    [[nodiscard]] sqlite3_vfs& real() const { return *real_; }

private:
    const std::string folder_;
    sqlite3_vfs* real_;
    sqlite3_vfs own_;
    mutable std::mutex mutex_;
    std::vector<Event> events_;
};

}  // namespace belfry::power_loss
