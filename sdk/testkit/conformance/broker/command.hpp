/// Commands of the file that describes the broker.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace belfry::conformance::broker {

/// Runs it to its end. Throws testkit::Failed where it does not start, fails or takes longer; then
/// it is killed.
void run_command(std::vector<std::string> command, std::chrono::seconds limit);

}  // namespace belfry::conformance::broker
