/// Which tests a broker is not asked to pass.
#pragma once

#include "sdk/testkit/conformance/broker/settings.hpp"

namespace belfry::conformance::broker {

/// Takes the tests that need what this broker cannot do out of GoogleTest's filter, and lists them
/// on the standard output. Throws std::logic_error where a name of a test is none.
void leave_out(const Settings& settings);

}  // namespace belfry::conformance::broker
