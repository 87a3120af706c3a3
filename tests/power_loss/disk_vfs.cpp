#include "tests/power_loss/disk_vfs.hpp"

#include <sqlite3.h>

#include <stdexcept>
#include <utility>

namespace belfry::power_loss {
namespace {

/// There is one default at a time.
struct Shared {
    std::mutex mutex;
    std::string folder;
    DiskObserver* observer = nullptr;
    sqlite3_vfs* real = nullptr;
    sqlite3_vfs vfs{};
    sqlite3_io_methods methods{};
};

Shared& shared() {
    static Shared one;
    return one;
}

/// Behind it, in the same memory, is the real one's.
struct File : sqlite3_file {
    std::string* path = nullptr;
    bool syncs_folder = false;
};

File& own(sqlite3_file* file) { return *static_cast<File*>(file); }

sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
}

template <class Do>
int observed(const Operation& operation, Do action) {
    auto& all = shared();
    const std::unique_lock lock(all.mutex);
    const bool is_ours = all.observer != nullptr && operation.path.starts_with(all.folder);
    if (is_ours) {
        if (const int code = all.observer->before(operation); code != SQLITE_OK) {
            return code;
        }
    }
    const int code = action();
    if (is_ours && code == SQLITE_OK) {
        all.observer->after(operation);
    }
    return code;
}

int close(sqlite3_file* file) {
    const int code = real(file)->pMethods->xClose(real(file));
    delete own(file).path;
    return code;
}

int read(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
    return observed({.kind = Kind::read, .path = *own(file).path, .offset = offset, .bytes = {}},
                    [&] { return real(file)->pMethods->xRead(real(file), to, count, offset); });
}

int write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
    const std::string_view bytes(static_cast<const char*>(from), static_cast<std::size_t>(count));
    return observed(
        {.kind = Kind::write, .path = *own(file).path, .offset = offset, .bytes = bytes},
        [&] { return real(file)->pMethods->xWrite(real(file), from, count, offset); });
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return observed({.kind = Kind::truncate, .path = *own(file).path, .offset = size, .bytes = {}},
                    [&] { return real(file)->pMethods->xTruncate(real(file), size); });
}

/// As SQLite does it on Unix, the first sync of a new journal is one of its folder, too.
int sync(sqlite3_file* file, int /*flags*/) {
    return observed({.kind = Kind::sync,
                     .path = *own(file).path,
                     .bytes = {},
                     .syncs_folder = std::exchange(own(file).syncs_folder, false)},
                    [] { return SQLITE_OK; });
}

template <auto Method, class... Arguments>
int pass(sqlite3_file* file, Arguments... arguments) {
    return (real(file)->pMethods->*Method)(real(file), arguments...);
}

void unmap_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }

sqlite3_io_methods make_methods() {
    using M = sqlite3_io_methods;
    sqlite3_io_methods methods{};
    methods.iVersion = 2;  // without memory-mapped reads and writes
    methods.xClose = close;
    methods.xRead = read;
    methods.xWrite = write;
    methods.xTruncate = truncate;
    methods.xSync = sync;
    methods.xFileSize = pass<&M::xFileSize>;
    methods.xLock = pass<&M::xLock>;
    methods.xUnlock = pass<&M::xUnlock>;
    methods.xCheckReservedLock = pass<&M::xCheckReservedLock>;
    methods.xFileControl = pass<&M::xFileControl>;
    methods.xSectorSize = pass<&M::xSectorSize>;
    methods.xDeviceCharacteristics = pass<&M::xDeviceCharacteristics>;
    methods.xShmMap = pass<&M::xShmMap>;
    methods.xShmLock = pass<&M::xShmLock>;
    methods.xShmBarrier = unmap_barrier;
    methods.xShmUnmap = pass<&M::xShmUnmap>;
    return methods;
}

int open(sqlite3_vfs* /*vfs*/, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    auto& all = shared();
    constexpr int kJournals =
        SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    file->pMethods = nullptr;
    int is_there = 1;
    if (path != nullptr) {
        all.real->xAccess(all.real, path, SQLITE_ACCESS_EXISTS, &is_there);
    }
    const bool is_new = is_there == 0 && (flags & SQLITE_OPEN_CREATE) != 0;
    const int code = observed(
        {.kind = Kind::open, .path = path == nullptr ? "" : path, .bytes = {}, .is_new = is_new},
        [&] { return all.real->xOpen(all.real, path, real(file), flags, out_flags); });
    if (code == SQLITE_OK) {
        own(file).path = new std::string(path == nullptr ? "" : path);
        own(file).syncs_folder = is_new && (flags & kJournals) != 0;
        file->pMethods = &all.methods;
    }
    return code;
}

int remove(sqlite3_vfs* /*vfs*/, const char* path, int syncs_folder) {
    auto& all = shared();
    return observed(
        {.kind = Kind::remove, .path = path, .bytes = {}, .syncs_folder = syncs_folder != 0},
        [&] { return all.real->xDelete(all.real, path, 0); });
}

}  // namespace

DiskVfs::DiskVfs() : vfs_(&shared().vfs) {
    auto& all = shared();
    if (all.real != nullptr) {
        throw std::logic_error("there is a DiskVfs already");
    }
    all.real = sqlite3_vfs_find(nullptr);
    all.methods = make_methods();
    all.vfs = *all.real;
    all.vfs.pNext = nullptr;
    all.vfs.zName = "disk";
    all.vfs.szOsFile = static_cast<int>(sizeof(File)) + all.real->szOsFile;
    all.vfs.xOpen = open;
    all.vfs.xDelete = remove;
    sqlite3_vfs_register(vfs_, 1);
}

DiskVfs::~DiskVfs() {
    sqlite3_vfs_unregister(vfs_);
    sqlite3_vfs_register(shared().real, 1);
    shared().real = nullptr;
}

void DiskVfs::observe(std::string folder, DiskObserver* observer) {
    auto& all = shared();
    const std::lock_guard lock(all.mutex);
    all.folder = std::move(folder);
    all.observer = observer;
}

}  // namespace belfry::power_loss
