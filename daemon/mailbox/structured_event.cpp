/// CloudEvents in the event format JSON.
#include "daemon/base/json_slices.hpp"
#include "daemon/base/json_text.hpp"
#include "daemon/mailbox/cloud_event.hpp"
#include "daemon/mailbox/media_type.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <optional>
#include <utility>

namespace belfry {
namespace {

namespace json = boost::json;

/// A text, an integer or a boolean; no text for null.
Accepted<std::optional<std::string>> to_attribute(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null: return std::optional<std::string>();
        case json::kind::string: return std::string(std::string_view(value.get_string()));
        case json::kind::int64: return std::to_string(value.get_int64());
        case json::kind::uint64: return std::to_string(value.get_uint64());
        case json::kind::bool_: return std::string(value.get_bool() ? "true" : "false");
        default:
            return undecodable(
                "an attribute of the event: expected a text, an integer or a "
                "boolean");
    }
}

Accepted<CloudAttributes> attributes_of(const json::object& object) {
    CloudAttributes attributes;
    for (const auto& [key, value] : object) {
        const std::string_view name = key;
        if (name == "data" || !is_attribute_name(name)) {
            continue;
        }
        auto text = to_attribute(value);
        if (!text) {
            return std::unexpected(std::move(text.error()));
        }
        if (*text) {
            attributes.emplace(name, *std::move(*text));
        }
    }
    return attributes;
}

/// What stands in "data" or "data_base64".
Accepted<std::string> data_of(const json::object& object, const std::string& body,
                              const std::string& data_type) {
    const json::value* data = object.if_contains("data");
    const json::value* coded = object.if_contains("data_base64");
    const bool has_data = data != nullptr && !data->is_null();
    if (coded != nullptr && !coded->is_null()) {
        if (has_data) {
            return undecodable("the event has both data and data_base64");
        }
        auto bytes = coded->is_string() ? from_base64(coded->get_string()) : std::nullopt;
        return bytes ? Accepted<std::string>(*std::move(bytes))
                     : undecodable("data_base64 of the event: expected base64");
    }
    if (!has_data) {
        return std::string();
    }
    const bool is_text = data->is_string() && !data_type.empty() && !is_json(data_type);
    return std::string(is_text ? std::string_view(data->get_string()) : raw_member(body, "data"));
}

}  // namespace

Accepted<Event> read_structured_event(const std::string& body) {
    json::error_code error;
    json::parse_options options;
    options.max_depth = kDeepestJson + 1;
    const json::value value = json::parse(body, error, {}, options);
    if (error || !value.is_object()) {
        return undecodable("the event: expected a JSON object of at most " +
                           std::to_string(kDeepestJson) + " levels");
    }
    const json::object& object = value.get_object();
    auto attributes = attributes_of(object);
    if (!attributes) {
        return std::unexpected(std::move(attributes.error()));
    }
    const auto given = attributes->extract("datacontenttype");
    const std::string data_type = given.empty() ? std::string() : given.mapped();
    auto data = data_of(object, body, data_type);
    if (!data) {
        return std::unexpected(std::move(data.error()));
    }
    auto event = to_event(*std::move(attributes));
    if (event) {
        event->data = *std::move(data);
        const bool is_bytes = object.contains("data_base64");
        event->content_type =
            data_type.empty() && !is_bytes && !event->data.empty() ? "application/json" : data_type;
    }
    return event;
}

}  // namespace belfry
