#include "daemon/ops/dead_letter_json.hpp"

#include "daemon/base/json_text.hpp"
#include "daemon/base/utf8.hpp"

#include <belfry/abi.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace belfry::ops {
namespace {

constexpr std::size_t kMostBodyBytes = 16UL << 20U;

std::string_view header_of(const Message& message, std::string_view name) {
    // The last one: a letter that died twice has those of the first time, too.
    const auto found = std::ranges::find(message.headers.rbegin(), message.headers.rend(), name,
                                         &std::pair<std::string, std::string>::first);
    return found == message.headers.rend() ? std::string_view() : std::string_view(found->second);
}

/// JSON is UTF-8; what is none is told as a person could still make use of it.
std::string shown(std::string_view text) {
    if (is_utf8(text)) {
        return std::string(text);
    }
    std::string ascii(text);
    std::ranges::replace_if(
        ascii, [](char byte) { return (static_cast<unsigned char>(byte) & 0x80U) != 0; }, '?');
    return ascii;
}

void add_text(JsonObject& object, std::string_view name, std::string_view value) {
    if (!value.empty()) {
        object.text(name, shown(value));
    }
}

std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void add_body(JsonObject& object, const std::string& body) {
    if (is_utf8(body)) {
        object.text("body", body);
    } else {
        object.text("body_base64", to_base64(body));
    }
}

std::string print_headers(const Message& message) {
    std::string out;
    {
        JsonObject object(out);
        for (const auto& [name, value] : message.headers) {
            if (!name.starts_with("belfry-")) {
                object.text(shown(name), shown(value));
            }
        }
    }
    return out;
}

}  // namespace

const std::string_view kDeadLetterSchema = R"({
  "type": "object", "required": ["id", "reason", "attempts", "destination", "size"],
  "properties": {
    "id": {"type": "string", "description": "The message's own; its coordinates where it has none."},
    "died_at": {"type": "string", "format": "date-time"},
    "reason": {"type": "string"},
    "attempts": {"type": "integer"},
    "destination": {"type": "string", "description": "Where it was consumed from."},
    "coordinates": {"type": "string"},
    "content_type": {"type": "string"},
    "size": {"type": "integer", "description": "Of the body, in bytes."},
    "headers": {"type": "object", "description": "Only where bodies are asked for.", "additionalProperties": true},
    "body": {"type": "string", "description": "Only where bodies are asked for, and while all of them are at most 16 MiB."},
    "body_base64": {"type": "string", "description": "A body that is no UTF-8 (RFC 4648 4)."}
  }
})";

std::string print_dead_letters(const std::vector<Message>& messages, bool with_bodies) {
    std::string out = "[";
    std::size_t bytes = 0;
    for (const Message& message : messages) {
        out += out.size() == 1 ? "" : ",";
        const std::string_view coordinates = header_of(message, BF_HEADER_COORDINATES);
        const std::string_view destination = header_of(message, BF_HEADER_DESTINATION);
        JsonObject object(out);
        object.text("id", shown(message.id.empty() ? coordinates : message.id));
        add_text(object, "died_at", header_of(message, BF_HEADER_DEAD_AT));
        object.text("reason", shown(header_of(message, BF_HEADER_REASON)))
            .number("attempts", number_of(header_of(message, BF_HEADER_ATTEMPTS)))
            .text("destination", shown(destination.empty() ? message.destination : destination));
        add_text(object, "coordinates", coordinates);
        add_text(object, "content_type", message.content_type);
        object.number("size", static_cast<std::int64_t>(message.body.size()));
        bytes += message.body.size();
        if (with_bodies && bytes <= kMostBodyBytes) {
            object.raw("headers", print_headers(message));
            add_body(object, message.body);
        }
    }
    return out + ']';
}

}  // namespace belfry::ops
