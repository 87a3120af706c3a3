#include "daemon/plugin/discovery.hpp"

#include "daemon/plugin/elf.hpp"

#include <belfry/abi.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

namespace belfry::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxName = 64;
constexpr std::string_view kSuffix = ".so";

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            close(number_);
        }
    }
    [[nodiscard]] int get() const { return number_; }

private:
    int number_;
};

std::string reason_of(int error) { return std::generic_category().message(error); }

std::unexpected<Error> refuse(const std::string& path, std::string_view reason) {
    return fail(Code::invalid, path + ": " + std::string(reason));
}

/// Whoever may write here owns the daemon.
Result<void> check_owner(const std::string& path, const struct stat& info) {
    if (info.st_uid != 0 && info.st_uid != geteuid()) {
        return refuse(path, "owned by user " + std::to_string(info.st_uid) +
                                ": expected root or the daemon's own user");
    }
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return refuse(path, "writable by group or others: run chmod go-w on it");
    }
    return {};
}

Result<void> check_directory(const std::string& path) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) {
        return refuse(path, reason_of(errno));
    }
    return check_owner(path, info);
}

/// Where the file really is.
Result<fs::path> check_inside(const PluginFile& file) {
    std::error_code error;
    fs::path real = fs::canonical(file.path, error);
    if (error) {
        return refuse(file.path, error.message());
    }
    const fs::path directory = fs::canonical(file.directory, error);
    if (error) {
        return refuse(file.directory, error.message());
    }
    const auto [end, rest] =
        std::mismatch(directory.begin(), directory.end(), real.begin(), real.end());
    if (end != directory.end()) {
        return refuse(file.path, "a link that leads out of its directory, to " + real.string());
    }
    return real;
}

}  // namespace

bool is_plugin_name(std::string_view name) {
    const auto is_letter = [](char one) { return one >= 'a' && one <= 'z'; };
    return !name.empty() && name.size() <= kMaxName && is_letter(name.front()) &&
           std::ranges::all_of(name, [&](char one) {
               return is_letter(one) || (one >= '0' && one <= '9') || one == '-';
           });
}

Result<PluginFile> find_plugin(std::span<const std::string> directories, std::string_view name) {
    if (!is_plugin_name(name)) {
        return fail(Code::invalid, "not a plugin's name: expected [a-z][a-z0-9-]*, at most " +
                                       std::to_string(kMaxName) + " characters");
    }
    std::string tried;
    for (const std::string& directory : directories) {
        std::string path =
            (fs::path(directory) / (std::string(name) + std::string(kSuffix))).string();
        struct stat info{};
        if (lstat(path.c_str(), &info) == 0) {
            return PluginFile{std::string(name), std::move(path), directory};
        }
        tried += (tried.empty() ? "" : ", ") + path;
    }
    return fail(Code::not_found,
                "plugin " + std::string(name) + " not found; tried " +
                    (tried.empty() ? "nothing: no plugin directory is configured" : tried));
}

std::vector<PluginFile> find_plugins(std::span<const std::string> directories) {
    std::map<std::string, PluginFile> found;
    for (const std::string& directory : directories) {
        std::error_code error;
        fs::directory_iterator at(directory, error);
        for (; !error && at != fs::directory_iterator{}; at.increment(error)) {
            const std::string name = at->path().stem().string();
            if (at->path().extension() == kSuffix && is_plugin_name(name)) {
                found.try_emplace(name, PluginFile{name, at->path().string(), directory});
            }
        }
    }
    std::vector<PluginFile> all;
    all.reserve(found.size());
    for (auto& [name, file] : found) {
        all.push_back(std::move(file));
    }
    return all;
}

Result<void> check_file(const PluginFile& file) {
    const auto real = check_inside(file);
    if (!real) {
        return std::unexpected(real.error());
    }
    // Without waiting for the other end of a pipe.
    const Descriptor opened(open(real->c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    struct stat info{};
    if (opened.get() < 0 || fstat(opened.get(), &info) != 0) {
        return refuse(file.path, reason_of(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return refuse(file.path, "not a regular file");
    }
    for (auto checked :
         {check_directory(file.directory), check_directory(real->parent_path().string()),
          check_owner(file.path, info)}) {
        if (!checked) {
            return checked;
        }
    }
    if (auto checked = check_elf(opened.get(), BF_ENTRY_SYMBOL); !checked) {
        return refuse(file.path, checked.error().message);
    }
    return {};
}

}  // namespace belfry::plugin
