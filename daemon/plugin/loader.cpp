#include "daemon/plugin/loader.hpp"

#include "daemon/base/log.hpp"
#include "daemon/config/problem.hpp"
#include "daemon/config/schema.hpp"
#include "daemon/plugin/library.hpp"
#include "daemon/plugin/probe.hpp"

#include <algorithm>
#include <utility>

namespace belfry::plugin {
namespace {

std::string names_of(std::span<const Kind> kinds) {
    std::string names;
    for (const Kind kind : kinds) {
        names += (names.empty() ? "" : " or ") + std::string(name_of(kind));
    }
    return names;
}

Loaded failed(Loaded loaded, std::string reason) {
    loaded.state = State::failed;
    loaded.reason = std::move(reason);
    return loaded;
}

}  // namespace

Loaded Loader::probe_file(const PluginFile& file) const {
    Loaded loaded{.file = file, .about = {.name = file.name}};
    if (const auto checked = check_file(file); !checked) {
        return failed(std::move(loaded), checked.error().message);
    }
    auto about = probe(probe_program_, file, probe_time_);
    if (!about) {
        return failed(std::move(loaded), about.error().message);
    }
    loaded.about = *std::move(about);
    loaded.state = State::probed;
    return loaded;
}

Loaded Loader::load(const std::string& plugin, std::span<const Kind> kinds) {
    auto found = probed_.find(plugin);
    if (found == probed_.end()) {
        const auto file = find_plugin(directories_, plugin);
        if (!file) {
            return failed({.about = {.name = plugin}}, file.error().message);
        }
        found = probed_.emplace(plugin, probe_file(*file)).first;
    }
    Loaded loaded = found->second;
    if (loaded.state == State::failed) {
        return loaded;
    }
    if (std::ranges::find(kinds, loaded.about.kind) == kinds.end()) {
        std::string reason = loaded.file.path + ": a plugin of kind " +
                             std::string(name_of(loaded.about.kind)) + ": expected " +
                             names_of(kinds);
        return failed(std::move(loaded), std::move(reason));
    }
    auto library = libraries_.find(plugin);
    if (library == libraries_.end()) {
        auto description = load_library(loaded.file.path, plugin);
        if (!description) {
            std::string reason = loaded.file.path + ": " + description.error().message;
            return failed(std::move(loaded), std::move(reason));
        }
        library = libraries_.emplace(plugin, *std::move(description)).first;
    }
    loaded.description = &library->second;
    loaded.about = library->second.about;
    loaded.state = State::loaded;
    return loaded;
}

Result<std::string> check_config(const config::Schema& schema, const config::Node& section,
                                 const config::Context& context) {
    const auto checked = config::validate(schema, section, context);
    for (const config::Problem& warning : checked.warnings) {
        log::warning("configuration", {{"problem", config::to_string(warning)}});
    }
    if (checked.ok()) {
        return config::to_json_text(checked.canonical);
    }
    std::string lines;
    for (const config::Problem& problem : checked.problems) {
        lines += (lines.empty() ? "" : "\n") + config::to_string(problem);
    }
    return fail(Code::invalid, std::move(lines));
}

}  // namespace belfry::plugin
