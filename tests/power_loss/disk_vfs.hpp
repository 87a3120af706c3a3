/// SQLite's way to the disk, with a test in between.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

struct sqlite3_vfs;

namespace belfry::power_loss {

/// What SQLite asks of a disk.
enum class Kind { open, read, write, truncate, sync, remove };

struct Operation {
    Kind kind = Kind::open;
    std::string_view path;
    std::int64_t offset = 0;    ///< of a write; the new size of a truncate
    std::string_view bytes;     ///< of a write
    bool is_new = false;        ///< open: the file was not there
    bool syncs_folder = false;  ///< sync, remove: the folder's entries, too
};

/// Sees all operations, one at a time, on any thread.
class DiskObserver {
public:
    DiskObserver() = default;
    DiskObserver(const DiskObserver&) = delete;
    DiskObserver& operator=(const DiskObserver&) = delete;
    virtual ~DiskObserver() = default;

    /// SQLITE_OK, or the code to fail with; nothing is done then.
    virtual int before(const Operation& operation) = 0;
    /// It was done.
    virtual void after(const Operation& operation) = 0;
};

/// SQLite's default way to the disk in this process, as long as this is there. Files are kept by
/// the way that was the default before, but for syncs, which only the observer sees: the kernel
/// will not lose anything during a test.
class DiskVfs {
public:
    DiskVfs();
    ~DiskVfs();
    DiskVfs(const DiskVfs&) = delete;
    DiskVfs& operator=(const DiskVfs&) = delete;

    /// For files below a folder; null ends it. Not while SQLite is at work there.
    void observe(std::string folder, DiskObserver* observer);

private:
    sqlite3_vfs* vfs_;
};

}  // namespace belfry::power_loss
