#include "daemon/migrate/migrate.hpp"

#include "daemon/base/ids.hpp"
#include "daemon/base/log.hpp"
#include "daemon/base/progress.hpp"
#include "daemon/base/wait.hpp"
#include "daemon/mailbox/half_copied.hpp"
#include "daemon/migrate/storage_copy.hpp"
#include "daemon/migrate/storage_digest.hpp"
#include "daemon/net/core_thread.hpp"
#include "daemon/plugin/plugin_host.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <future>
#include <iomanip>
#include <iostream>
#include <utility>
#include <vector>

namespace belfry::migrate {
namespace {

constexpr Nanos kStartTime = 10 * 60 * kSecond;

/// Does a daemon answer on this socket?
bool is_answered(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return false;
    }
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected =
        descriptor >= 0 &&
        ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (descriptor >= 0) {
        ::close(descriptor);
    }
    return connected;
}

Result<> check_stopped(const config::Profile& profile) {
    if (is_answered(profile.control_socket)) {
        return fail(Code::refused, profile.file + ": its daemon is running (" +
                                       profile.control_socket + "); stop it first");
    }
    return {};
}

/// The storages of two profiles, open.
class Storages {
public:
    Storages(const config::Profile& from, const config::Profile& to,
             const config::Environment& environment)
        : host_(settings_of(from, to),
                {system_clock(), system_random(), metrics_, core_.loop(), environment}) {}
    ~Storages() {
        std::promise<void> stopped;
        host_.stop_all([&stopped] { stopped.set_value(); });
        stopped.get_future().wait();
        core_.stop();
    }
    Storages(const Storages&) = delete;
    Storages& operator=(const Storages&) = delete;

    Result<> open(const config::Profile& from, const config::Profile& to) {
        for (const auto& [profile, name] : {std::pair(&from, "from"), std::pair(&to, "to")}) {
            if (auto loaded = load(*profile, name); !loaded) {
                return loaded;
            }
        }
        return wait_for([this](auto done) { host_.start_all(std::move(done)); }, kStartTime);
    }
    Storage& from() { return *host_.storages().front(); }
    Storage& to() { return *host_.storages().back(); }
    Executor& home() { return core_.loop(); }

private:
    static plugin::HostSettings settings_of(const config::Profile& from,
                                            const config::Profile& to) {
        plugin::HostSettings settings;
        for (const config::Profile* profile : {&from, &to}) {
            for (const std::string& path : profile->plugins.directories) {
                settings.directories.push_back(std::filesystem::absolute(path).string());
            }
        }
        settings.probe_time = std::max(from.plugins.probe_time, to.plugins.probe_time);
        return settings;
    }

    /// A file that a profile names without a folder is in its state directory.
    Result<> load(const config::Profile& profile, const std::string& name) {
        constexpr std::array kKinds{plugin::Kind::storage};
        const auto here = std::filesystem::current_path();
        std::error_code error;
        std::filesystem::create_directories(profile.state, error);
        std::filesystem::current_path(profile.state, error);
        if (error) {
            return fail(Code::unavailable,
                        "state directory " + profile.state + ": " + error.message());
        }
        config::InstanceConfig wanted = profile.storage;
        wanted.name = name;
        wanted.required = true;
        auto loaded = host_.load({&wanted, 1}, kKinds);
        std::filesystem::current_path(here);
        return loaded;
    }

    Metrics metrics_;
    net::CoreThread core_;
    plugin::PluginHost host_;
};

Result<std::uint64_t> entries_of(Storage& storage, Executor& home) {
    const auto stats = wait_for<StorageStats>(
        [&](auto done) { storage.stats(home, std::move(done)); }, kStartTime);
    return stats ? Result<std::uint64_t>(stats->entries) : std::unexpected(stats.error());
}

Result<> copy_missing(Storages& storages, const config::Profile& to) {
    auto position = find_position(storages.to(), storages.home());
    if (!position) {
        return fail(position.error().code,
                    "the storage of " + to.file + ": " + position.error().message);
    }
    if (position->is_whole) {
        return {};
    }
    const auto entries = entries_of(storages.from(), storages.home());
    if (!entries) {
        return std::unexpected(entries.error());
    }
    if (position->records != 0) {
        std::cerr << "going on behind " << grouped(position->records) << " records\n";
    }
    // Most records are entries, and most entries of a mailbox have a body of their own.
    Progress progress(system_clock(), "copying", *entries, "records");
    return copy(storages.from(), storages.to(), storages.home(), *std::move(position),
                [&](std::uint64_t done) { progress.show(done); });
}

Result<Digest> digest(Storages& storages, Storage& storage, const config::Profile& profile,
                      std::uint64_t expected) {
    Progress progress(system_clock(), "checking " + profile.file, expected, "records");
    return digest_of(storage, storages.home(), [&](std::uint64_t done) { progress.show(done); });
}

std::uint64_t total(const Digest& digest) {
    std::uint64_t count = 0;
    for (const KindDigest& kind : digest) {
        count += kind.count;
    }
    return count;
}

Result<> compare(const Digest& ours, const Digest& theirs, std::ostream& out) {
    std::string differing;
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        out << std::left << std::setw(10) << kKindNames.at(kind) << std::right << std::setw(15)
            << grouped(theirs.at(kind).count) << "  SHA-256 " << to_hex(theirs.at(kind).sha256)
            << '\n';
        if (ours.at(kind) != theirs.at(kind)) {
            differing += (differing.empty() ? "" : ", ") + std::string(kKindNames.at(kind)) + " (" +
                         grouped(ours.at(kind).count) + " and " + grouped(theirs.at(kind).count) +
                         ")";
        }
    }
    return differing.empty()
               ? Result<>{}
               : fail(Code::conflict, "the storages differ in " + differing +
                                          "; empty the target and migrate again, with both daemons "
                                          "stopped");
}

Result<> verify(Storages& storages, const config::Profile& from, const config::Profile& to,
                std::ostream& out) {
    const auto ours = digest(storages, storages.from(), from, 0);
    if (!ours) {
        return std::unexpected(ours.error());
    }
    const auto theirs = digest(storages, storages.to(), to, total(*ours));
    if (!theirs) {
        return std::unexpected(theirs.error());
    }
    return compare(*ours, *theirs, out);
}

}  // namespace

Result<> migrate(const config::Profile& from, const config::Profile& to,
                 const config::Environment& environment, std::ostream& out) {
    log::configure(log::Format::text, log::Level::error);
    for (const config::Profile* profile : {&from, &to}) {
        if (auto stopped = check_stopped(*profile); !stopped) {
            return stopped;
        }
    }
    Storages storages(from, to, environment);
    if (auto opened = storages.open(from, to); !opened) {
        return opened;
    }
    if (auto copied = copy_missing(storages, to); !copied) {
        return copied;
    }
    if (auto same = verify(storages, from, to, out); !same) {
        return same;
    }
    if (auto released = release(storages.to(), storages.home()); !released) {
        return released;
    }
    out << "The same is in both storages; " << to.file << " may be run.\n";
    return {};
}

}  // namespace belfry::migrate
