/// Runs the CLI.
#pragma once

#include <string>

namespace belfry::test {

struct CliRun {
    int exit_code = -1;
    std::string output;  ///< both standard output and standard error
};

/// By the shell, with BELFRY_SOCKET set; `before` is what comes before the program's name.
CliRun run_cli(const std::string& socket, const std::string& before, const std::string& arguments);

}  // namespace belfry::test
