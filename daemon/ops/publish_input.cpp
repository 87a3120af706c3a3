#include "daemon/ops/publish_input.hpp"

#include "daemon/base/json_slices.hpp"
#include "daemon/base/json_text.hpp"
#include "daemon/base/time_text.hpp"
#include "daemon/mailbox/names.hpp"
#include "daemon/mailbox/token.hpp"
#include "daemon/ops/entry_json.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace belfry::ops {
namespace {

namespace json = boost::json;

struct TextMember {
    std::string_view name;
    std::string Draft::* target;
};

constexpr std::array kTexts{
    TextMember{"type", &Draft::type},
    TextMember{"title", &Draft::title},
    TextMember{"body", &Draft::body},
    TextMember{"data_type", &Draft::data_type},
    TextMember{"collapse_key", &Draft::collapse_key},
    TextMember{"source", &Draft::source},
    TextMember{"event_id", &Draft::event_id},
};

/// Not every storage can keep a NUL in text.
Result<> set_text(const TextMember& member, const json::value& value, Draft& draft) {
    const std::string_view text = value.get_string();
    if (text.contains('\0')) {
        return fail(Code::invalid, std::string(member.name) + ": expected text without NUL",
                    "/" + std::string(member.name));
    }
    draft.*member.target = text;
    return {};
}

Result<> set_recipients(const json::value& to, Draft& draft) {
    if (to.is_string()) {
        draft.streams.emplace_back(std::string_view(to.get_string()));
        auto checked = check_stream(draft.streams.front());
        return checked ? checked : fail(Code::invalid, "to: " + checked.error().message, "/to");
    }
    const auto* all = to.if_array();
    if (all == nullptr) {
        return fail(Code::invalid, "to: expected a stream or an array of streams", "/to");
    }
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < all->size(); ++i) {
        const auto* stream = (*all)[i].if_string();
        const std::string pointer = "/to/" + std::to_string(i);
        if (stream == nullptr) {
            return fail(Code::invalid, "to: expected a stream", pointer);
        }
        if (auto checked = check_stream(*stream); !checked) {
            return fail(Code::invalid, "to: " + checked.error().message, pointer);
        }
        if (seen.insert(std::string_view(*stream)).second) {
            draft.streams.emplace_back(std::string_view(*stream));
        }
    }
    return {};
}

Result<> set_data(const json::value& data, std::string_view text, Draft& draft) {
    if (is_json_type(draft.data_type)) {
        draft.data = raw_member(text, "data");
        return {};
    }
    if (!data.is_string()) {
        return fail(Code::invalid,
                    "data: expected a string, since data_type is not application/json", "/data");
    }
    draft.data = std::string_view(data.get_string());
    return {};
}

}  // namespace

const std::string_view kPublishInput = R"({
  "type": "object",
  "description": "A notification and where it goes. source and event_id together make publishing it again harmless: the same content is a duplicate, other content a conflict.",
  "required": ["to"],
  "properties": {
    "to": {
      "description": "A stream, \"user:alice\" or \"topic:news\", or several.",
      "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
      "examples": ["user:alice"]
    },
    "type": {"type": "string", "description": "What kind of notification, for the client to choose by."},
    "title": {"type": "string"},
    "body": {"type": "string"},
    "data": {"description": "Anything for the client; kept byte for byte. A string where data_type is not application/json."},
    "data_type": {"type": "string", "maxLength": 200, "description": "Media type of data; application/json where it is missing."},
    "priority": {"type": "integer", "minimum": -10, "maximum": 10, "description": "0 where it is missing."},
    "collapse_key": {"type": "string", "description": "A later notification with the same key replaces this one where only one can be shown."},
    "expires_at": {"type": "string", "format": "date-time", "description": "RFC 3339; of no use after this."},
    "source": {"type": "string", "description": "Who produced the event."},
    "event_id": {"type": "string", "description": "The producer's id for the event."}
  }
})";

const std::string_view kPublishOutput = R"({
  "type": "object",
  "required": ["id", "duplicate", "places"],
  "properties": {
    "id": {"type": "string", "description": "Of the notification."},
    "duplicate": {"type": "boolean", "description": "True: it was published before, and this is what was said then."},
    "places": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["stream", "token", "seq"],
        "properties": {"stream": {"type": "string"}, "token": {"type": "string"}, "seq": {"type": "integer"}}
      }
    }
  }
})";

Result<Draft> to_draft(const json::object& input, std::string_view text) {
    Draft draft;
    for (const TextMember& member : kTexts) {
        if (const json::value* value = input.if_contains(member.name)) {
            if (auto set = set_text(member, *value, draft); !set) {
                return std::unexpected(set.error());
            }
        }
    }
    if (auto set = set_recipients(input.at("to"), draft); !set) {
        return std::unexpected(set.error());
    }
    if (const json::value* data = input.if_contains("data")) {
        if (auto set = set_data(*data, text, draft); !set) {
            return std::unexpected(set.error());
        }
    }
    if (const json::value* priority = input.if_contains("priority")) {
        draft.priority = static_cast<std::int32_t>(priority->get_int64());
    }
    if (const json::value* expires = input.if_contains("expires_at")) {
        const auto time = parse_rfc3339(expires->get_string());
        if (!time) {
            return fail(Code::invalid,
                        "expires_at: expected an RFC 3339 time such as 2026-11-20T18:29:31Z",
                        "/expires_at");
        }
        draft.expires_at = *time;
    }
    return draft;
}

void append_published(std::string& out, const Published& published,
                      const std::vector<std::string>& streams) {
    out += R"({"id":")";
    out += published.id;
    out += published.duplicate ? R"(","duplicate":true,"places":[)"
                               : R"(","duplicate":false,"places":[)";
    const std::size_t count =
        std::min({streams.size(), published.epochs.size(), published.seqs.size()});
    for (std::size_t i = 0; i < count; ++i) {
        out += i == 0 ? R"({"stream":)" : R"(,{"stream":)";
        append_json(out, streams[i]);
        out += R"(,"token":")";
        out += Token{published.epochs[i], published.seqs[i]}.print();
        out += R"(","seq":)";
        out += std::to_string(published.seqs[i]);
        out += '}';
    }
    out += ']';
}

}  // namespace belfry::ops
