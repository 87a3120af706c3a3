#include "daemon/plugin/descriptor.hpp"

#include "daemon/config/problem.hpp"
#include "daemon/config/text.hpp"
#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/discovery.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace belfry::plugin {
namespace {

constexpr std::size_t kDescriptor10 = offsetof(bf_plugin, table) + sizeof(void*);
constexpr std::size_t kVersions10 = offsetof(bf_plugin, kind);
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxSchema = std::size_t{1} << 20U;

std::unexpected<Error> refuse(std::string reason) { return fail(Code::invalid, std::move(reason)); }

std::string version(std::uint64_t major, std::uint64_t minor) {
    return std::to_string(major) + "." + std::to_string(minor);
}

Result<void> check_versions(const bf_plugin& plugin) {
    const std::string host = version(BF_ABI_MAJOR, BF_ABI_MINOR);
    if (plugin.size < kVersions10) {
        return refuse("its descriptor has " + std::to_string(plugin.size) +
                      " bytes: expected at least " + std::to_string(kDescriptor10));
    }
    if (plugin.abi_major != BF_ABI_MAJOR) {
        return refuse("built for plugin ABI " + version(plugin.abi_major, plugin.abi_minor) +
                      ", this daemon has " + host +
                      (plugin.abi_major > BF_ABI_MAJOR ? ": it is newer than the daemon"
                                                       : ": build it against the current SDK"));
    }
    if (plugin.abi_minor_min > BF_ABI_MINOR) {
        return refuse("needs plugin ABI " + version(plugin.abi_major, plugin.abi_minor_min) +
                      " or later, this daemon has " + host + ": it is newer than the daemon");
    }
    if (plugin.size < kDescriptor10 || plugin.size > kMaxStruct) {
        return refuse("its descriptor has " + std::to_string(plugin.size) +
                      " bytes: expected at least " + std::to_string(kDescriptor10));
    }
    return {};
}

Result<std::string> text_of_member(std::string_view member, bf_str text, std::size_t most) {
    if ((text.ptr == nullptr && text.len != 0) || text.len > most) {
        return refuse("its " + std::string(member) + " is no text of at most " +
                      std::to_string(most) + " bytes");
    }
    if (config::find_invalid_utf8(view(text))) {
        return refuse("its " + std::string(member) + " is not UTF-8");
    }
    return std::string(view(text));
}

Result<About> check_about(const bf_plugin& plugin, std::string_view expected_name) {
    About about{
        .kind = Kind{plugin.kind}, .abi_major = plugin.abi_major, .abi_minor = plugin.abi_minor};
    for (auto [member, from, to] : {std::tuple{"name", &plugin.name, &about.name},
                                    std::tuple{"version", &plugin.version, &about.version},
                                    std::tuple{"summary", &plugin.summary, &about.summary}}) {
        auto text = text_of_member(member, *from, kMaxText);
        if (!text) {
            return std::unexpected(text.error());
        }
        *to = *std::move(text);
    }
    if (!is_plugin_name(about.name)) {
        return refuse("it calls itself " + config::quote(about.name) +
                      ": expected [a-z][a-z0-9-]*");
    }
    if (!expected_name.empty() && about.name != expected_name) {
        return refuse("it calls itself " + config::quote(about.name) + ": expected " +
                      config::quote(expected_name));
    }
    if (plugin.kind < BF_KIND_STORAGE || plugin.kind > BF_KIND_APP) {
        return refuse("its kind is " + std::to_string(plugin.kind) +
                      ", which this daemon does not know");
    }
    return about;
}

Result<bf_lifecycle> check_lifecycle(const bf_lifecycle* given) {
    const auto lifecycle = fetch<bf_lifecycle>(given);
    if (!lifecycle) {
        return refuse("it has no life cycle");
    }
    if (lifecycle->check == nullptr || lifecycle->create == nullptr ||
        lifecycle->start == nullptr || lifecycle->drain == nullptr || lifecycle->stop == nullptr ||
        lifecycle->destroy == nullptr || lifecycle->apply == nullptr) {
        return refuse(
            "its life cycle is not complete: expected check, create, start, drain, stop, destroy "
            "and "
            "apply");
    }
    return *lifecycle;
}

/// `name` is what messages call it.
Result<config::Schema> parse_schema(const std::string& name, bf_str given) {
    const auto text = text_of_member(name, given, kMaxSchema);
    if (!text) {
        return std::unexpected(text.error());
    }
    auto schema = config::Schema::parse(*text);
    if (!schema) {
        return refuse("its " + name + ": " + schema.error().message +
                      (schema.error().pointer.empty() ? "" : " at " + schema.error().pointer));
    }
    return schema;
}

/// A table from before it, and one without sources, has none.
Result<std::optional<config::Schema>> source_schema_of(Kind kind, const void* table) {
    const auto broker = kind == Kind::broker ? fetch<bf_broker>(table) : std::optional<bf_broker>();
    if (!broker || broker->source_schema.len == 0) {
        return std::nullopt;
    }
    auto schema = parse_schema("schema of a source", broker->source_schema);
    if (!schema) {
        return std::unexpected(schema.error());
    }
    return *std::move(schema);
}

}  // namespace

Result<Description> check_descriptor(const bf_plugin* plugin, std::string_view expected_name,
                                     std::string_view reason) {
    if (plugin == nullptr) {
        return refuse(reason.empty() ? "its entry function gave no descriptor and no reason"
                                     : "it refused to load: " + std::string(reason));
    }
    if (auto checked = check_versions(*plugin); !checked) {
        return std::unexpected(checked.error());
    }
    auto about = check_about(*plugin, expected_name);
    if (!about) {
        return std::unexpected(about.error());
    }
    const auto lifecycle = check_lifecycle(plugin->lifecycle);
    if (!lifecycle) {
        return std::unexpected(lifecycle.error());
    }
    if (auto checked = check_table(about->kind, plugin->table); !checked) {
        return std::unexpected(checked.error());
    }
    auto schema = parse_schema("configuration schema", plugin->config_schema);
    if (!schema) {
        return std::unexpected(schema.error());
    }
    auto source_schema = source_schema_of(about->kind, plugin->table);
    if (!source_schema) {
        return std::unexpected(source_schema.error());
    }
    return Description{*std::move(about), *std::move(schema), *lifecycle, plugin->table,
                       *std::move(source_schema)};
}

}  // namespace belfry::plugin
