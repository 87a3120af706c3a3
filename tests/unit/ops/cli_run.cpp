#include "tests/unit/ops/cli_run.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>

namespace belfry::test {

CliRun run_cli(const std::string& socket, const std::string& before, const std::string& arguments) {
    const std::string command = "export BELFRY_SOCKET='" + socket + "'; " + before +
                                " " BELFRY_CLI " " + arguments + " 2>&1";
    CliRun result;
    FILE* pipe = ::popen(command.c_str(), "r");
    std::array<char, 4096> buffer{};
    while (const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
        result.output.append(buffer.data(), count);
    }
    result.exit_code = WEXITSTATUS(::pclose(pipe));
    return result;
}

}  // namespace belfry::test
