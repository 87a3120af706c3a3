#include "plugins/storage/sqlite/durability.hpp"

#include <linux/magic.h>
#include <sys/vfs.h>

namespace belfry::sqlite {

namespace {

bool is_in_memory(const std::string& path) {
    struct statfs info{};
    return ::statfs(path.c_str(), &info) == 0 &&
           (info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC);
}

}  // namespace

Durability durability_of(const Options& options) {
    const bool in_memory = is_in_memory(options.path);
    return {options.synchronous != Synchronous::normal && !in_memory,
            "WAL, synchronous=" + std::string(name_of(options.synchronous)) +
                (in_memory ? ", on a file system in memory" : "")};
}

void require_durability(const Options& options, const sdk::Env& env) {
    const auto durability = durability_of(options);
    env.gauge("sqlite_durable", "1: a commit survives loss of power")
        .set(durability.is_durable ? 1 : 0);
    if (durability.is_durable) {
        return;
    }
    if (options.require_durable) {
        throw sdk::Failure(
            sdk::Status::refused,
            options.path + ": require_durable: expected commits to survive loss of power, found " +
                durability.text);
    }
    env.log(sdk::Level::warning, "commits may not survive loss of power",
            {{"path", options.path}, {"settings", durability.text}});
}

}  // namespace belfry::sqlite
