#include "cli/commands.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace belfry::cli {
namespace {

/// The daemon's program, as installed or built together with this one.
std::string find_daemon() {
    const auto own = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    for (const char* place : {"../sbin/belfryd", "belfryd", "../daemon/belfryd"}) {
        const std::string path = (own / place).lexically_normal().string();
        if (::access(path.c_str(), X_OK) == 0) {
            return path;
        }
    }
    return "belfryd";
}

}  // namespace

Outcome<> migrate(const MigrateOptions& options) {
    const std::string program = find_daemon();
    const std::array arguments{program.c_str(),
                               "migrate",
                               "--from",
                               options.from.c_str(),
                               "--to",
                               options.to.c_str(),
                               static_cast<const char*>(nullptr)};
    ::execvp(program.c_str(), const_cast<char* const*>(arguments.data()));
    return fail(EX_UNAVAILABLE,
                program + " cannot be run: " + std::generic_category().message(errno));
}

}  // namespace belfry::cli
