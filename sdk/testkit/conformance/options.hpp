/// What the kit is told on its command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::conformance {

struct Options {
    std::string plugin;         ///< path of the shared object
    std::string config;         ///< JSON; {case} and {work} are replaced
    std::string backup_config;  ///< the same, {backup} too; empty = backups are not opened
    std::string work;           ///< folder for files; empty = a new one that is removed
    std::uint64_t seed = 1;
    std::uint64_t crashes = 20;
    std::uint64_t ops = 1'500;                 ///< of the random comparison with the model
    std::uint64_t entries = 24'000;            ///< of the long stream that is filtered
    bool is_listing = false;                   ///< --gtest_list_tests: no plugin is needed
    std::optional<std::uint64_t> crash_child;  ///< round; this process is the one to be killed
};

/// What is left on the command line after GoogleTest took its flags. Throws std::invalid_argument,
/// whose text names the argument.
Options parse_options(const std::vector<std::string_view>& arguments);

std::string_view usage();

/// Every `{name}` in `text` becomes `value`.
std::string replace(std::string text, std::string_view name, std::string_view value);

}  // namespace belfry::conformance
