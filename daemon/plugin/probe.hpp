/// Trying a plugin in a process of its own, where it can do no harm.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"
#include "daemon/plugin/discovery.hpp"
#include "daemon/plugin/status.hpp"

#include <string>

namespace belfry::plugin {

/// Runs `<program> probe FILE NAME`, which is to call run_probe, and waits for `limit` at most;
/// then the process and all its children are killed. Call it on one thread at a time. The error
/// names file and reason: what the child found, the signal that ended it, its time being up, or
/// what it said instead of a description.
Result<About> probe(const std::string& program, const PluginFile& file, Nanos limit);

/// The child's side, `belfryd probe FILE [NAME]`: loads the file, and prints one line of JSON to
/// standard output: name, version, kind, abi and summary, or error. What the plugin itself prints
/// goes to standard error. Answers the exit code: 0, or 1 after an error.
int run_probe(const std::string& path, const std::string& expected_name);

}  // namespace belfry::plugin
