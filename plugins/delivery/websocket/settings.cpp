#include "plugins/delivery/websocket/settings.hpp"

#include "plugins/delivery/websocket/origin.hpp"

#include <belfry/types.hpp>

#include <boost/json.hpp>

#include <set>

namespace belfry::websocket {

namespace json = boost::json;

namespace {

std::string text_of(const json::object& object, std::string_view key, std::string_view otherwise) {
    const json::value* value = object.if_contains(key);
    return std::string(value == nullptr ? otherwise : std::string_view(value->as_string()));
}

Mount mount_of(const json::object& object) {
    Mount mount{text_of(object, "path", ""), text_of(object, "dialect", "belfry.v1"),
                text_of(object, "protocol", "")};
    if (mount.protocol.empty()) {
        mount.protocol = mount.dialect;
    }
    return mount;
}

}  // namespace

Settings parse_settings(std::string_view config) {
    const json::value document = json::parse(config);
    const json::object& root = document.as_object();
    Settings settings;
    std::set<std::string> paths;
    for (const json::value& item : root.at("mounts").as_array()) {
        settings.mounts.push_back(mount_of(item.as_object()));
        const std::string& path = settings.mounts.back().path;
        if (!paths.insert(path).second) {
            throw sdk::ConfigError("mounts: path " + path + " is there twice");
        }
    }
    settings.max_message = root.at("max_message").to_number<std::uint64_t>();
    for (const json::value& item : root.at("origins").as_array()) {
        const std::string_view origin = item.as_string();
        if (origin != kAnyOrigin && !is_origin(origin)) {
            throw sdk::ConfigError("origins: expected scheme://host[:port] or *, found " +
                                   std::string(origin));
        }
        settings.origins.emplace_back(origin);
    }
    return settings;
}

}  // namespace belfry::websocket
