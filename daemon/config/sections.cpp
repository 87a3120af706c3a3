#include "daemon/config/sections.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace belfry::config {
namespace {

constexpr std::array<std::string_view, 4> kMaps{"brokers", "deliveries", "apps", "sources"};

Node take_config(Node& instance, const std::string& path, std::vector<Problem>& problems) {
    const auto found = std::ranges::find(instance.children, "config", &Node::key);
    if (found == instance.children.end()) {
        return Node::make_map(instance.mark);
    }
    Node config = std::move(*found);
    instance.children.erase(found);
    if (config.kind == Node::Kind::map) {
        return config;
    }
    if (config.kind != Node::Kind::null) {
        problems.push_back({config.mark, join_path(path, "config"),
                            "expected a map, found a list or a single value"});
    }
    return Node::make_map(config.mark);
}

}  // namespace

Sections take_sections(Node& root, std::vector<Problem>& problems) {
    Sections sections;
    const auto take = [&](Node& instance, const std::string& path) {
        if (instance.kind == Node::Kind::map) {
            Node config = take_config(instance, path, problems);
            sections[path] = {std::move(config), instance.mark};
        }
    };
    for (Node& section : root.children) {
        if (section.key == "storage") {
            take(section, section.key);
        } else if (std::ranges::find(kMaps, section.key) != kMaps.end() &&
                   section.kind == Node::Kind::map) {
            for (Node& instance : section.children) {
                take(instance, join_path(section.key, instance.key));
            }
        }
    }
    return sections;
}

}  // namespace belfry::config
