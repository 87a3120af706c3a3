#include "daemon/mailbox/event.hpp"

#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "daemon/mailbox/names.hpp"

namespace belfry {
namespace {

namespace json = boost::json;

constexpr std::string_view kPrefix = "ce-";
constexpr std::size_t kDeepest = 32;

void take_attribute(Event& event, std::string_view name, std::string value) {
    if (name == "id") {
        event.id = std::move(value);
    } else if (name == "source") {
        event.source = std::move(value);
    } else if (name == "type") {
        event.type = std::move(value);
    } else if (name == "subject") {
        event.subject = std::move(value);
    } else if (name != "specversion") {
        event.attributes.emplace_back(name, std::move(value));
    }
}

bool is_json(std::string_view media_type) {
    return media_type.empty() || media_type.starts_with("application/json") ||
           media_type.find("+json") != std::string_view::npos;
}

std::string text_member(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// True if the payload is JSON.
bool take_json(Draft& draft, const std::string& payload) {
    json::error_code error;
    json::parse_options options;
    options.max_depth = kDeepest;
    const json::value value = json::parse(payload, error, {}, options);
    if (error) {
        return false;
    }
    if (const json::object* object = value.if_object()) {
        draft.title = text_member(*object, "title");
        draft.body = text_member(*object, "body");
    }
    return true;
}

}  // namespace

Event event_from(Message message, std::string_view origin) {
    Event event;
    event.source = std::string(origin) + '/' + message.destination;
    event.id = message.id.empty() ? std::move(message.coordinates) : std::move(message.id);
    event.time = message.time;
    event.content_type = std::move(message.content_type);
    event.data = std::move(message.body);
    for (auto& [name, value] : message.headers) {
        if (name.starts_with(kPrefix)) {
            take_attribute(event, std::string_view(name).substr(kPrefix.size()), std::move(value));
        } else if (name == "subject") {
            event.subject = std::move(value);
        }
    }
    return event;
}

Result<Draft> draft_from(Event event) {
    if (auto checked = check_stream(event.subject); !checked) {
        return fail(Code::invalid, "subject of the event: " + checked.error().message);
    }
    if (event.source.empty() || event.id.empty()) {
        return fail(Code::invalid, "the event has no source or no id");
    }
    Draft draft;
    draft.streams.push_back(std::move(event.subject));
    draft.type = std::move(event.type);
    draft.source = std::move(event.source);
    draft.event_id = std::move(event.id);
    for (auto& [name, value] : event.attributes) {
        if (name == "traceparent") {
            draft.trace = std::move(value);
        }
    }
    if (event.content_type.starts_with("text/")) {
        draft.body = std::move(event.data);
    } else if (!event.data.empty()) {
        const bool parsed = is_json(event.content_type) && take_json(draft, event.data);
        draft.data_type = parsed                       ? std::string()
                          : event.content_type.empty() ? "application/octet-stream"
                                                       : std::move(event.content_type);
        draft.data = std::move(event.data);
    }
    return draft;
}

}  // namespace belfry
