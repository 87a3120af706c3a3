#include "tests/power_loss/disk.hpp"

#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace belfry::power_loss {

namespace {

struct File {
    sqlite3_file base;
    Disk* disk;
    std::string* name;  ///< null: not recorded
    sqlite3_file* real;
};

File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* real_of(sqlite3_file* file) { return file_of(file).real; }
Disk& disk_of(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

/// Asks for a fault, does the real thing, and records it where it succeeded.
template <class Do>
int change(sqlite3_file* base, Event::Kind kind, std::uint64_t offset, std::string_view bytes,
           Do real) {
    File& file = file_of(base);
    if (file.name == nullptr) {
        return real();
    }
    if (const auto fault = file.disk->fault_of(kind)) {
        return *fault;
    }
    const int code = real();
    if (code == SQLITE_OK) {
        file.disk->record({kind, *file.name, offset, std::string(bytes)});
    }
    return code;
}

int close_file(sqlite3_file* base) {
    File& file = file_of(base);
    const int code =
        file.real->pMethods == nullptr ? SQLITE_OK : file.real->pMethods->xClose(file.real);
    delete std::exchange(file.name, nullptr);
    return code;
}

int read_file(sqlite3_file* base, void* to, int size, sqlite3_int64 offset) {
    return real_of(base)->pMethods->xRead(real_of(base), to, size, offset);
}

int write_file(sqlite3_file* base, const void* from, int size, sqlite3_int64 offset) {
    const std::string_view bytes(static_cast<const char*>(from), static_cast<std::size_t>(size));
    return change(base, Event::Kind::write, static_cast<std::uint64_t>(offset), bytes, [&] {
        return real_of(base)->pMethods->xWrite(real_of(base), from, size, offset);
    });
}

int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
    return change(base, Event::Kind::truncate, static_cast<std::uint64_t>(size), {},
                  [&] { return real_of(base)->pMethods->xTruncate(real_of(base), size); });
}

int sync_file(sqlite3_file* base, int flags) {
    return change(base, Event::Kind::sync, 0, {},
                  [&] { return real_of(base)->pMethods->xSync(real_of(base), flags); });
}

int file_size(sqlite3_file* base, sqlite3_int64* size) {
    return real_of(base)->pMethods->xFileSize(real_of(base), size);
}
int lock_file(sqlite3_file* base, int level) {
    return real_of(base)->pMethods->xLock(real_of(base), level);
}
int unlock_file(sqlite3_file* base, int level) {
    return real_of(base)->pMethods->xUnlock(real_of(base), level);
}
int check_lock(sqlite3_file* base, int* is_reserved) {
    return real_of(base)->pMethods->xCheckReservedLock(real_of(base), is_reserved);
}
int control_file(sqlite3_file* base, int what, void* value) {
    // Room that is asked for ahead would be a write that is not seen.
    return what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE
               ? SQLITE_NOTFOUND
               : real_of(base)->pMethods->xFileControl(real_of(base), what, value);
}
int sector_size(sqlite3_file* base) { return real_of(base)->pMethods->xSectorSize(real_of(base)); }
int characteristics(sqlite3_file* base) {
    return real_of(base)->pMethods->xDeviceCharacteristics(real_of(base));
}
int map_shared(sqlite3_file* base, int page, int size, int extend, void volatile** to) {
    return real_of(base)->pMethods->xShmMap(real_of(base), page, size, extend, to);
}
int lock_shared(sqlite3_file* base, int offset, int count, int flags) {
    return real_of(base)->pMethods->xShmLock(real_of(base), offset, count, flags);
}
void order_shared(sqlite3_file* base) { real_of(base)->pMethods->xShmBarrier(real_of(base)); }
int unmap_shared(sqlite3_file* base, int remove) {
    return real_of(base)->pMethods->xShmUnmap(real_of(base), remove);
}

constexpr sqlite3_io_methods kMethods = {2,
                                         close_file,
                                         read_file,
                                         write_file,
                                         truncate_file,
                                         sync_file,
                                         file_size,
                                         lock_file,
                                         unlock_file,
                                         check_lock,
                                         control_file,
                                         sector_size,
                                         characteristics,
                                         map_shared,
                                         lock_shared,
                                         order_shared,
                                         unmap_shared,
                                         nullptr,
                                         nullptr};

bool is_there(sqlite3_vfs& real, const char* path) {
    int found = 0;
    return real.xAccess(&real, path, SQLITE_ACCESS_EXISTS, &found) == SQLITE_OK && found != 0;
}

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* base, int flags, int* out) {
    Disk& disk = disk_of(vfs);
    sqlite3_vfs& real = disk.real();
    auto* file = new (base) File{};
    file->disk = &disk;
    file->real = reinterpret_cast<sqlite3_file*>(file + 1);
    const bool is_new = path != nullptr && !is_there(real, path);
    const int code = real.xOpen(&real, path, file->real, flags, out);
    if (code != SQLITE_OK) {
        return code;
    }
    file->base.pMethods = &kMethods;
    if (auto name = disk.name_below(path)) {
        file->name = new std::string(*std::move(name));
        if (is_new) {
            disk.record({Event::Kind::create, *file->name, 0, {}});
        }
    }
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    Disk& disk = disk_of(vfs);
    const int code = disk.real().xDelete(&disk.real(), path, sync_folder);
    if (auto name = disk.name_below(path); name && code == SQLITE_OK) {
        disk.record({Event::Kind::remove, *std::move(name), sync_folder != 0 ? 1U : 0U, {}});
    }
    return code;
}

}  // namespace

Disk::Disk(std::string folder)
    : folder_(std::move(folder) + '/'), real_(sqlite3_vfs_find(nullptr)), own_(*real_) {
    own_.zName = "belfry-disk";
    own_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    own_.pAppData = this;
    own_.xOpen = open_file;
    own_.xDelete = delete_file;
    own_.pNext = nullptr;
    sqlite3_vfs_register(&own_, 1);
}

Disk::~Disk() {
    sqlite3_vfs_unregister(&own_);
    sqlite3_vfs_register(real_, 1);
}

std::vector<Event> Disk::events() const {
    const std::lock_guard lock(mutex_);
    return events_;
}

void Disk::acknowledge(std::uint64_t number) { record({Event::Kind::acknowledge, {}, number, {}}); }

std::optional<std::string> Disk::name_below(const char* path) const {
    const std::string_view whole(path == nullptr ? "" : path);
    return whole.starts_with(folder_) ? std::optional(std::string(whole.substr(folder_.size())))
                                      : std::nullopt;
}

void Disk::record(Event event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
}

std::optional<int> Disk::fault_of(Event::Kind kind) const {
    return fault ? fault(kind) : std::nullopt;
}

}  // namespace belfry::power_loss
