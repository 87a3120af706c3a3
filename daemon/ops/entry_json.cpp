#include "daemon/ops/entry_json.hpp"

#include "daemon/base/json_text.hpp"
#include "daemon/mailbox/token.hpp"

namespace belfry::ops {
namespace {

std::string_view name_of(EntryKind kind) {
    switch (kind) {
        case EntryKind::notification: return "notification";
        case EntryKind::revision: return "revision";
        case EntryKind::retraction: return "retraction";
    }
    return "unknown";
}

void add_text(JsonObject& object, std::string_view name, const std::string& value) {
    if (!value.empty()) {
        object.text(name, value);
    }
}

void add_time(JsonObject& object, std::string_view name, Nanos time) {
    if (time != 0) {
        object.text(name, to_rfc3339(time));
    }
}

void add_data(JsonObject& object, const Notification& notification) {
    if (notification.data.empty()) {
        return;
    }
    if (is_json_type(notification.data_type)) {
        object.raw("data", notification.data);
    } else {
        object.text("data_type", notification.data_type)
            .text("data_base64", to_base64(notification.data));
    }
}

}  // namespace

bool is_json_type(std::string_view media_type) {
    return media_type.empty() || media_type == "application/json";
}

const std::string_view kEntrySchema = R"({
  "type": "object",
  "required": ["stream", "token", "seq", "id", "type", "title", "body", "read", "archived", "seen", "created_at"],
  "properties": {
    "stream": {"type": "string"},
    "token": {"type": "string", "description": "The position right behind this entry, as live clients use it."},
    "seq": {"type": "integer"},
    "kind": {"type": "string", "enum": ["revision", "retraction"], "description": "Missing for a notification."},
    "id": {"type": "string"},
    "type": {"type": "string"},
    "title": {"type": "string"},
    "body": {"type": "string"},
    "data": {"description": "As the producer sent it, byte for byte."},
    "data_base64": {"type": "string", "description": "Data of another type (RFC 4648 4)."},
    "data_type": {"type": "string"},
    "priority": {"type": "integer"},
    "collapse_key": {"type": "string"},
    "source": {"type": "string"},
    "event_id": {"type": "string"},
    "read": {"type": "boolean"},
    "archived": {"type": "boolean"},
    "seen": {"type": "boolean"},
    "created_at": {"type": "string", "format": "date-time"},
    "expires_at": {"type": "string", "format": "date-time"},
    "read_at": {"type": "string", "format": "date-time"}
  }
})";

void append_entry(std::string& out, const std::string& stream, std::uint64_t epoch,
                  const Entry& entry) {
    const Notification& notification = *entry.notification;
    JsonObject object(out);
    object.text("stream", stream)
        .text("token", Token{epoch, entry.seq}.print())
        .number("seq", static_cast<std::int64_t>(entry.seq));
    if (entry.kind != EntryKind::notification) {
        object.text("kind", name_of(entry.kind));
    }
    object.text("id", notification.id)
        .text("type", notification.type)
        .text("title", notification.title)
        .text("body", notification.body);
    add_data(object, notification);
    if (notification.priority != 0) {
        object.number("priority", notification.priority);
    }
    add_text(object, "collapse_key", notification.collapse_key);
    add_text(object, "source", notification.source);
    add_text(object, "event_id", notification.event_id);
    object.boolean("read", (entry.state & kStateRead) != 0)
        .boolean("archived", (entry.state & kStateArchived) != 0)
        .boolean("seen", (entry.state & kStateSeen) != 0)
        .text("created_at", to_rfc3339(notification.created_at));
    add_time(object, "expires_at", notification.expires_at);
    add_time(object, "read_at", entry.read_at);
}

}  // namespace belfry::ops
