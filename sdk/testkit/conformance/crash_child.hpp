/// The process that is killed.
#pragma once

#include "sdk/testkit/conformance/options.hpp"

namespace belfry::conformance {

/// Works on the storage of `options.config` from several threads until it is killed. Each group is
/// a line on the standard output before it is committed, "B <work>", and one when it is answered,
/// "A <number> <seq> ...". What must not happen is a line "F <text>" -> 1.
int run_crash_child(const Options& options);

}  // namespace belfry::conformance
