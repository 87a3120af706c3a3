#include "daemon/ops/entry_json.hpp"

#include "daemon/base/utf8.hpp"
#include "daemon/identity/base64url.hpp"
#include "daemon/mailbox/token.hpp"
#include "daemon/ops/json_text.hpp"

namespace belfry::ops {
namespace {

/// Writes the members of an object, leaving out what is empty where that says nothing.
class Members {
public:
    explicit Members(std::string& out) : out_(out) { out_ += '{'; }

    void text(std::string_view name, std::string_view value) {
        append_json_name(out_, name);
        append_json_string(out_, value);
    }
    void text_if_any(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            text(name, value);
        }
    }
    void time_if_any(std::string_view name, Nanos time) {
        if (time != 0) {
            text(name, to_rfc3339(time));
        }
    }
    void raw(std::string_view name, std::string_view value) {
        append_json_name(out_, name);
        out_ += value;
    }
    void flag(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
    void end() { out_ += '}'; }

private:
    std::string& out_;
};

std::string_view name_of(EntryKind kind) {
    switch (kind) {
        case EntryKind::notification: return "notification";
        case EntryKind::revision: return "revision";
        case EntryKind::retraction: return "retraction";
    }
    return "unknown";
}

void add_data(Members& members, const Notification& notification) {
    if (notification.data.empty()) {
        return;
    }
    if (is_json_type(notification.data_type)) {
        members.raw("data", notification.data);
    } else if (is_utf8(notification.data)) {
        members.text("data", notification.data);
    } else {
        members.text("data_base64", to_base64url(notification.data));
    }
    members.text_if_any("data_type", notification.data_type);
}

}  // namespace

bool is_json_type(std::string_view media_type) {
    media_type = media_type.substr(0, media_type.find(';'));
    return media_type.empty() || media_type == "application/json" || media_type.ends_with("+json");
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
    "data_base64": {"type": "string", "description": "Data that is neither JSON nor text (RFC 4648 5)."},
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
    Members members(out);
    members.text("stream", stream);
    members.text("token", Token{epoch, entry.seq}.print());
    members.raw("seq", std::to_string(entry.seq));
    if (entry.kind != EntryKind::notification) {
        members.text("kind", name_of(entry.kind));
    }
    members.text("id", notification.id);
    members.text("type", notification.type);
    members.text("title", notification.title);
    members.text("body", notification.body);
    add_data(members, notification);
    if (notification.priority != 0) {
        members.raw("priority", std::to_string(notification.priority));
    }
    members.text_if_any("collapse_key", notification.collapse_key);
    members.text_if_any("source", notification.source);
    members.text_if_any("event_id", notification.event_id);
    members.flag("read", (entry.state & kStateRead) != 0);
    members.flag("archived", (entry.state & kStateArchived) != 0);
    members.flag("seen", (entry.state & kStateSeen) != 0);
    members.text("created_at", to_rfc3339(notification.created_at));
    members.time_if_any("expires_at", notification.expires_at);
    members.time_if_any("read_at", entry.read_at);
    members.end();
}

}  // namespace belfry::ops
