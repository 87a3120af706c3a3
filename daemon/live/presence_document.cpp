#include "daemon/live/presence_document.hpp"

#include "daemon/base/ids.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace belfry::live {
namespace {

namespace json = boost::json;

std::optional<json::object> parse_object(std::string_view text) {
    boost::system::error_code error;
    json::value value = json::parse(text, error);
    if (error || !value.is_object()) {
        return std::nullopt;
    }
    return std::move(value.get_object());
}

}  // namespace

std::string PresenceDocument::print() const {
    return json::serialize(json::object{{"online", is_online},
                                        {"since", since},
                                        {"nodes", json::array(nodes.begin(), nodes.end())}});
}

std::optional<PresenceDocument> PresenceDocument::parse(std::string_view text) {
    const auto object = parse_object(text);
    const json::value* online = object ? object->if_contains("online") : nullptr;
    const json::value* since = object ? object->if_contains("since") : nullptr;
    const json::value* nodes = object ? object->if_contains("nodes") : nullptr;
    if (online == nullptr || !online->is_bool() || since == nullptr || !since->is_int64() ||
        nodes == nullptr || !nodes->is_array()) {
        return std::nullopt;
    }
    PresenceDocument parsed{online->get_bool(), since->get_int64(), {}};
    for (const json::value& node : nodes->get_array()) {
        if (!node.is_string()) {
            return std::nullopt;
        }
        parsed.nodes.emplace_back(std::string_view(node.get_string()));
    }
    return parsed;
}

std::string NodeDocument::print() const {
    return json::serialize(json::object{{"node", node}, {"buried", buried}});
}

std::optional<NodeDocument> NodeDocument::parse(std::string_view text) {
    const auto object = parse_object(text);
    const json::value* node = object ? object->if_contains("node") : nullptr;
    const json::value* buried = object ? object->if_contains("buried") : nullptr;
    if (node == nullptr || !node->is_string() || buried == nullptr || !buried->is_int64() ||
        buried->get_int64() < 0) {
        return std::nullopt;
    }
    return NodeDocument{std::string(std::string_view(node->get_string())),
                        static_cast<std::uint64_t>(buried->get_int64())};
}

std::string make_node_id(std::uint64_t random, std::string_view node) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) {
        bytes += static_cast<char>(random >> static_cast<unsigned>(shift));
    }
    return to_hex(bytes) + '.' + std::string(node);
}

std::string_view node_of(std::string_view id) {
    const auto dot = id.find('.');
    return dot == std::string_view::npos ? id : id.substr(dot + 1);
}

}  // namespace belfry::live
