/// Which plugin files there are, and whether they may be loaded.
#pragma once

#include "daemon/base/error.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::plugin {

struct PluginFile {
    std::string name;
    std::string path;
    std::string directory;
};

/// [a-z][a-z0-9-]*, at most 64 characters: nothing that could leave a directory.
bool is_plugin_name(std::string_view name);

/// `<directory>/<name>.so` in the first directory that has it, sound or not. The error names every
/// path tried.
Result<PluginFile> find_plugin(std::span<const std::string> directories, std::string_view name);

/// Every `<name>.so`, by name; the first directory wins. A directory that cannot be read holds
/// nothing.
std::vector<PluginFile> find_plugins(std::span<const std::string> directories);

/// Everything that can be checked before any of the file's code runs: a regular file, inside its
/// directory also when links are followed, owned by root or by this process's user as its directory
/// is, writable by nobody else, and a plugin by its ELF headers. The error names file and reason.
Result<void> check_file(const PluginFile& file);

}  // namespace belfry::plugin
