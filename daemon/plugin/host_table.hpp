/// The functions the daemon offers to plugins.
#pragma once

#include <belfry/abi.h>

#include <string>

namespace belfry::plugin {

/// One for the whole process.
const bf_host& host_table();

/// What this thread's last call into a plugin told bf_host.fail; empty where it told nothing.
/// Taking it clears it.
std::string take_failure();

}  // namespace belfry::plugin
