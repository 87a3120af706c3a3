/// From a plugin's name to its code in this process.
#pragma once

#include "daemon/config/environment.hpp"
#include "daemon/config/profile.hpp"
#include "daemon/plugin/descriptor.hpp"
#include "daemon/plugin/discovery.hpp"
#include "daemon/plugin/status.hpp"

#include <map>
#include <span>
#include <string>

namespace belfry::plugin {

/// How far a plugin came.
struct Loaded {
    PluginFile file = {};  ///< empty where none was found
    About about = {};
    State state = State::failed;
    const Description* description = nullptr;  ///< in state loaded
    std::string reason = {};                   ///< in state failed
};

/// Each plugin is tried once; the second time it gives the same answer. One thread at a time.
class Loader {
public:
    Loader(std::vector<std::string> directories, std::string probe_program, Nanos probe_time)
        : directories_(std::move(directories)), probe_program_(std::move(probe_program)),
          probe_time_(probe_time) {}

    /// Finds, checks, probes and loads.
    Loaded load(const std::string& plugin, std::span<const Kind> kinds);
    /// Checks and probes.
    [[nodiscard]] Loaded probe_file(const PluginFile& file) const;
    [[nodiscard]] const std::vector<std::string>& directories() const { return directories_; }

private:
    std::vector<std::string> directories_;
    std::string probe_program_;
    Nanos probe_time_;
    std::map<std::string, Loaded> probed_;
    std::map<std::string, Description> libraries_;
};

/// Checks an instance's or a source's section with the plugin's schema. Canonical JSON with
/// defaults and secrets, or everything that is wrong, a line each with file, line and column.
Result<std::string> check_config(const config::Schema& schema, const config::Node& section,
                                 const config::Context& context);

}  // namespace belfry::plugin
