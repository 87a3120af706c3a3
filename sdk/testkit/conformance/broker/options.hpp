/// What the kit is told on its command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::conformance::broker {

struct Options {
    std::string plugin;              ///< path of the shared object
    std::string broker;              ///< path of the JSON file
    std::uint64_t messages = 2'000;  ///< where there are many
    std::uint64_t crashes = 5;
    std::uint64_t restarts = 2;
    bool is_listing = false;                   ///< --gtest_list_tests: no plugin is needed
    std::optional<std::uint64_t> crash_child;  ///< round; this process is the one to be killed
    std::string name;                          ///< of the crash child's place
};

/// What is left on the command line after GoogleTest took its flags. Throws std::invalid_argument,
/// whose text names the argument.
Options parse_options(const std::vector<std::string_view>& arguments);

std::string_view usage();

}  // namespace belfry::conformance::broker
