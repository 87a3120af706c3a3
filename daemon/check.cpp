#include "daemon/check.hpp"

#include "daemon/base/log.hpp"
#include "daemon/config/schema.hpp"
#include "daemon/exit_codes.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/plugin/loader.hpp"
#include "daemon/plugin/plugin_host.hpp"

#include <cstdlib>
#include <iomanip>
#include <iostream>

namespace belfry {
namespace {

/// A plugin host whose plugins are never started.
class Workbench {
public:
    Workbench(const config::Profile& profile, const config::Environment& environment)
        : loop_(system_clock()), host_(settings_of(profile), {system_clock(), system_random(),
                                                              metrics_, loop_, environment}) {
        log::configure(log::Format::text, log::Level::error);
    }

    plugin::PluginHost& host() { return host_; }

private:
    static plugin::HostSettings settings_of(const config::Profile& profile) {
        plugin::HostSettings settings;
        settings.directories = profile.plugins.directories;
        settings.probe_time = profile.plugins.probe_time;
        return settings;
    }

    Metrics metrics_;
    net::Loop loop_;
    plugin::PluginHost host_;
};

std::string abi_of(const plugin::About& about) {
    return about.abi_major == 0
               ? "-"
               : std::to_string(about.abi_major) + '.' + std::to_string(about.abi_minor);
}

}  // namespace

Result<std::map<std::string, std::string>> source_configs(const config::Profile& profile,
                                                          const plugin::PluginHost& host,
                                                          const config::Environment& environment) {
    static const auto anything =
        config::Schema::parse(R"({"type":"object","additionalProperties":true})");
    std::map<std::string, std::string> configs;
    std::string errors;
    for (const config::SourceConfig& section : profile.sources) {
        const Broker* broker = host.broker(section.broker);
        if (broker == nullptr) {
            continue;
        }
        const config::Schema* schema = broker->source_schema();
        auto config = plugin::check_config(schema == nullptr ? *anything : *schema, section.config,
                                           {environment, section.path});
        if (config) {
            configs.emplace(section.name, *std::move(config));
        } else {
            errors += (errors.empty() ? "" : "\n") + config.error().message;
        }
    }
    return errors.empty() ? Result<std::map<std::string, std::string>>(std::move(configs))
                          : fail(Code::invalid, std::move(errors));
}

int check_profile(const config::Profile& profile, const config::Environment& environment) {
    Workbench bench(profile, environment);
    if (const auto loaded = bench.host().load(profile); !loaded) {
        std::cerr << loaded.error().message << '\n';
        return kExitConfig;
    }
    if (const auto sources = source_configs(profile, bench.host(), environment); !sources) {
        std::cerr << sources.error().message << '\n';
        return kExitConfig;
    }
    for (const plugin::InstanceStatus& instance : bench.host().status()) {
        if (instance.state == plugin::State::failed) {
            std::cerr << instance.reason << " (optional)\n";
        }
    }
    std::cout << profile.file << ": ok\n";
    return EXIT_SUCCESS;
}

int list_plugins(const config::Profile& profile, const config::Environment& environment) {
    Workbench bench(profile, environment);
    // What cannot be loaded is in the table, with its reason.
    [[maybe_unused]] const auto loaded = bench.host().load(profile);
    const auto print = [](const auto& name, const auto& version, const auto& kind, const auto& abi,
                          const auto& state, const auto& where) {
        std::cout << std::left << std::setw(16) << name << std::setw(10) << version << std::setw(11)
                  << kind << std::setw(6) << abi << std::setw(12) << state << where << '\n';
    };
    print("NAME", "VERSION", "KIND", "ABI", "STATE", "FILE OR REASON");
    for (const plugin::PluginRow& row : bench.host().describe()) {
        const bool is_known = row.about.abi_major != 0;
        print(row.about.name, is_known ? row.about.version : "-",
              is_known ? plugin::name_of(row.about.kind) : "-", abi_of(row.about),
              plugin::name_of(row.state), row.reason.empty() ? row.file : row.reason);
    }
    return EXIT_SUCCESS;
}

}  // namespace belfry
