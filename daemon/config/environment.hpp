/// What the configuration may take from outside its file.
#pragma once

#include "daemon/base/error.hpp"

#include <functional>
#include <optional>
#include <string>

namespace belfry::config {

/// Injected, so that nothing here reads the process's environment by itself.
struct Environment {
    /// The value of a variable; nothing where it is not set.
    std::function<std::optional<std::string>(const std::string& name)> variable;
    /// The whole content of a small file.
    std::function<Result<std::string>(const std::string& path)> read_file;
    /// The machine's name.
    std::function<std::string()> host_name;
};

/// The process's own variables and files. Files must be regular and at most 64 KiB.
Environment system_environment();

}  // namespace belfry::config
