#include "daemon/config/rule.hpp"

#include "daemon/config/schema.hpp"

#include <charconv>
#include <string_view>

namespace belfry::config {
namespace {

Node collection_node(const boost::json::value& value) {
    Node node;
    if (const auto* array = value.if_array()) {
        node.kind = Node::Kind::sequence;
        for (const auto& item : *array) {
            node.children.push_back(to_node(item));
        }
        return node;
    }
    node.kind = Node::Kind::map;
    for (const auto& [key, item] : value.get_object()) {
        Node child = to_node(item);
        child.key = std::string(std::string_view(key));
        node.children.push_back(std::move(child));
    }
    return node;
}

}  // namespace

Node to_node(const boost::json::value& value) {
    if (value.is_structured()) {
        return collection_node(value);
    }
    Node node;
    if (value.is_null()) {
        return node;
    }
    node.kind = Node::Kind::scalar;
    node.is_quoted = value.is_string();
    node.text =
        value.is_string() ? std::string(std::string_view(value.get_string())) : to_json_text(value);
    return node;
}

std::optional<boost::json::value> parse_number(std::string_view text) {
    if (const auto integer = parse_quantity(text, Unit::none)) {
        return *integer;
    }
    if (text.starts_with('+') && !text.starts_with("+-")) {
        text.remove_prefix(1);
    }
    const bool has_digit = text.find_first_of("0123456789") != std::string_view::npos;
    const bool is_integer = text.find_first_of(".eE") == std::string_view::npos;
    if (!has_digit || is_integer ||
        text.find_first_not_of("+-.0123456789eE") != std::string_view::npos) {
        return std::nullopt;
    }
    double value = 0;
    const auto [rest, error] = std::from_chars(text.begin(), text.end(), value);
    if (error != std::errc{} || rest != text.end()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace belfry::config
