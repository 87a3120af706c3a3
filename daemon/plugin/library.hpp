/// A plugin's code in this process.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/plugin/descriptor.hpp"

#include <string>
#include <string_view>

namespace belfry::plugin {

/// Loads a file that check_file accepted, with all its symbols bound at once and none lent to
/// others, calls its entry function and checks the descriptor. Never unloads, whatever the outcome.
/// Throws nothing; a crash in the plugin is a crash here, which is why the probe comes first. The
/// error is a reason without the file's name.
Result<Description> load_library(const std::string& absolute_path, std::string_view expected_name);

}  // namespace belfry::plugin
