#include "daemon/mailbox/event.hpp"

#include "daemon/base/time_text.hpp"
#include "daemon/mailbox/media_type.hpp"
#include "daemon/mailbox/names.hpp"
#include "daemon/mailbox/trace_context.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <string>
#include <utility>

namespace belfry {
namespace {

namespace json = boost::json;

std::string text_member(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

/// True if the payload is JSON.
bool take_json(Draft& draft, const std::string& payload) {
    json::error_code error;
    json::parse_options options;
    options.max_depth = kDeepestJson;
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
                                           std::to_string(kDeepestJson) +
                                           " levels, as its media type says");
        }
        draft.data_type = "application/octet-stream";
    }
    draft.data = std::move(event.data);
    return {};
}

/// Dates that are no longer to be told apart from never begin here.
constexpr std::string_view kFarYear = "2261";

/// A trace that is none is left out; an end that is none would be forever.
Result<> take_extensions(Draft& draft, Event& event) {
    for (auto& [name, value] : event.attributes) {
        if (name == "traceparent" && is_traceparent(value)) {
            draft.trace = std::move(value);
        } else if (name == "expirytime") {
            const auto end = parse_rfc3339(value);
            const bool is_far =
                value.size() > 4 && value[4] == '-' && value.substr(0, 4) >= kFarYear;
            if (!end && !is_far) {
                return fail(Code::invalid, "expirytime of the event: expected an RFC 3339 time");
            }
            draft.expires_at = end.value_or(0);
        }
    }
    return {};
}

}  // namespace

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
    if (auto taken = take_extensions(draft, event); !taken) {
        return std::unexpected(std::move(taken.error()));
    }
    if (essence(event.content_type).starts_with("text/")) {
        draft.body = std::move(event.data);
    } else if (auto taken = take_data(draft, event); !taken) {
        return std::unexpected(std::move(taken.error()));
    }
    return draft;
}

}  // namespace belfry
