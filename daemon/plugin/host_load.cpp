#include "daemon/base/log.hpp"
#include "daemon/config/problem.hpp"
#include "daemon/plugin/discovery.hpp"
#include "daemon/plugin/plugin_host_impl.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace belfry::plugin {
namespace {

constexpr std::array kStorageKinds{Kind::storage};
constexpr std::array kBrokerKinds{Kind::broker};
constexpr std::array kDeliveryKinds{Kind::transport, Kind::push};
constexpr std::array kAppKinds{Kind::app};

}  // namespace

/// Nothing, or why there is no instance; several lines where the configuration has several faults.
Result<> PluginHost::Impl::load_one(Member& member, const config::InstanceConfig& wanted,
                                    std::span<const Kind> kinds) {
    member.loaded = loader_.load(wanted.plugin, kinds);
    // Every line of a reason says where in the profile the instance stands.
    const std::string place = wanted.where.line == 0 ? "instance " + wanted.name + ": "
                                                     : config::to_string(wanted.where) +
                                                           ": instance " + wanted.name + ": ";
    if (member.loaded.state != State::loaded) {
        return fail(Code::invalid, place + member.loaded.reason);
    }
    const Description& description = *member.loaded.description;
    auto config =
        check_config(description.schema, wanted.config, {parts_.environment, wanted.path});
    if (!config) {
        return std::unexpected(std::move(config.error()));
    }
    auto instance = Instance::create(surroundings_, description, wanted.name, *config);
    std::ranges::fill(*config, '\0');
    if (!instance) {
        return fail(Code::invalid,
                    place + "plugin " + wanted.plugin + ": " + instance.error().message);
    }
    member.instance = *std::move(instance);
    return {};
}

Result<> PluginHost::Impl::load(std::span<const config::InstanceConfig> instances,
                                std::span<const Kind> kinds) {
    std::string errors;
    for (const config::InstanceConfig& wanted : instances) {
        auto& member = *members_.emplace_back(std::make_unique<Member>());
        member.name = wanted.name;
        member.required = wanted.required;
        auto loaded = load_one(member, wanted, kinds);
        if (loaded) {
            log::info("plugin instance loaded", {{"instance", wanted.name},
                                                 {"plugin", wanted.plugin},
                                                 {"version", member.loaded.about.version},
                                                 {"file", member.loaded.file.path}});
            continue;
        }
        member.failure = loaded.error().message;
        if (wanted.required) {
            errors += (errors.empty() ? "" : "\n") + member.failure;
        } else {
            log::error("optional plugin instance left out",
                       {{"instance", wanted.name}, {"reason", member.failure}});
        }
    }
    return errors.empty() ? Result<>{} : fail(Code::invalid, std::move(errors));
}

Result<> PluginHost::Impl::load(const config::Profile& profile) {
    std::string errors;
    const auto section = [&](std::span<const config::InstanceConfig> instances,
                             std::span<const Kind> kinds) {
        if (const auto loaded = load(instances, kinds); !loaded) {
            errors += (errors.empty() ? "" : "\n") + loaded.error().message;
        }
    };
    section({&profile.storage, 1}, kStorageKinds);
    section(profile.brokers, kBrokerKinds);
    section(profile.deliveries, kDeliveryKinds);
    section(profile.apps, kAppKinds);
    return errors.empty() ? Result<>{} : fail(Code::invalid, std::move(errors));
}

std::vector<PluginRow> PluginHost::Impl::describe() const {
    std::vector<PluginRow> rows;
    for (const auto& member : members_) {
        const InstanceStatus status = status_of(*member);
        rows.push_back({member->name, member->loaded.about, status.state, member->loaded.file.path,
                        status.reason});
    }
    for (const PluginFile& file : find_plugins(loader_.directories())) {
        const bool is_used = std::ranges::any_of(
            members_, [&](const auto& member) { return member->loaded.file.name == file.name; });
        if (!is_used) {
            Loaded found = loader_.probe_file(file);
            rows.push_back({{}, std::move(found.about), found.state, file.path, found.reason});
        }
    }
    return rows;
}

}  // namespace belfry::plugin
