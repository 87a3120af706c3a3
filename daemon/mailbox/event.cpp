#include "daemon/mailbox/event.hpp"

#include "daemon/mailbox/names.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <string>
#include <utility>

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

/// The type alone, without parameters such as "; charset=utf-8".
std::string_view essence(std::string_view media_type) {
    media_type = media_type.substr(0, media_type.find(';'));
    while (media_type.ends_with(' ')) {
        media_type.remove_suffix(1);
    }
    return media_type;
}

bool is_json(std::string_view media_type) {
    const std::string_view type = essence(media_type);
    return type == "application/json" || type.ends_with("+json");
}

std::string text_member(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
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

/// Without a media type, data is JSON if it can be read so.
Result<> take_data(Draft& draft, Event& event) {
    if (event.data.empty()) {
        return {};
    }
    const bool may_be_json = event.content_type.empty() || is_json(event.content_type);
    if (!may_be_json) {
        draft.data_type = std::move(event.content_type);
    } else if (!take_json(draft, event.data)) {
        if (!event.content_type.empty()) {
            return fail(Code::invalid, "data of the event: expected JSON of at most " +
                                           std::to_string(kDeepest) + " levels, as " +
                                           std::string(essence(event.content_type)) + " says");
        }
        draft.data_type = "application/octet-stream";
    }
    draft.data = std::move(event.data);
    return {};
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
    } else if (auto taken = take_data(draft, event); !taken) {
        return std::unexpected(std::move(taken.error()));
    }
    return draft;
}

}  // namespace belfry
