/// The process that is killed.
#pragma once

#include "sdk/testkit/conformance/broker/options.hpp"

#include <string>

namespace belfry::conformance::broker {

/// Publishes and consumes at the place `options.name` until it is killed. Lines on the standard
/// output: "P <body>" when one was confirmed, "S <body>" before it is settled with ok. What must
/// not happen is a line "F <text>" -> 1.
int run_crash_child(const Options& options);

}  // namespace belfry::conformance::broker
