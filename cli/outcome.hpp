/// How a command of the CLI ends.
#pragma once

#include <sysexits.h>

#include <expected>
#include <string>
#include <utility>

namespace belfry::cli {

/// One line for people, and the process's exit code (sysexits.h).
struct Failure {
    int exit_code = EX_SOFTWARE;
    std::string message;
};

template <class Value = void>
using Outcome = std::expected<Value, Failure>;

inline std::unexpected<Failure> fail(int exit_code, std::string message) {
    return std::unexpected(Failure{exit_code, std::move(message)});
}

}  // namespace belfry::cli
