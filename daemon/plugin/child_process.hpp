/// Running another program to its end, within limits.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace belfry::plugin {

constexpr std::size_t kMaxChildOutput = std::size_t{64} << 10U;

struct ChildResult {
    enum class End { exit, signal, timeout };
    End end = End::exit;
    int exit_code = 0;
    std::string signal_name;  ///< "SIGSEGV"
    /// The first kMaxChildOutput bytes of each; the rest is read and dropped.
    std::string output, errors;
};

/// Runs arguments[0] in a process group of its own, with nothing to read and all signals at their
/// defaults. Blocks until it has ended; after `limit` it is killed, and with its end so is its
/// whole group. Leaves no zombie. Real time, whatever clock others use.
Result<ChildResult> run_child(const std::vector<std::string>& arguments, Nanos limit);

}  // namespace belfry::plugin
