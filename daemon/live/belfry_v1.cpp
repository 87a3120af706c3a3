#include "daemon/live/belfry_v1.hpp"

#include "daemon/base/json_text.hpp"
#include "daemon/live/session.hpp"
#include "daemon/mailbox/names.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace belfry::live {
namespace {

namespace json = boost::json;

void append_position(JsonObject& object, const Following& following) {
    const Position& position = following.position;
    object.text("stream", following.stream)
        .text("token", Token{position.head.epoch, position.seq}.print())
        .boolean("recovered", position.recovered);
    if (!position.recovered) {
        object.text("reason", position.reason);
    }
    object.number("earliest", static_cast<std::int64_t>(position.head.earliest))
        .number("head", static_cast<std::int64_t>(position.head.head))
        .number("unread", static_cast<std::int64_t>(position.head.unread));
}

std::string position_message(std::string_view op, const Following& following) {
    std::string text;
    {
        JsonObject object(text);
        object.text("op", op);
        append_position(object, following);
    }
    return text;
}

void append_data(JsonObject& object, const Notification& notification) {
    if (notification.data.empty()) {
        return;
    }
    if (notification.data_type.empty() || notification.data_type == "application/json") {
        object.raw("data", notification.data);
    } else {
        object.text("data_type", notification.data_type)
            .text("data_base64", to_base64(notification.data));
    }
}

void append_text(JsonObject& object, std::string_view name, const std::string& value) {
    if (!value.empty()) {
        object.text(name, value);
    }
}

std::string_view kind_name(EntryKind kind) {
    switch (kind) {
        case EntryKind::revision: return "revision";
        case EntryKind::retraction: return "retraction";
        case EntryKind::notification: break;
    }
    return {};
}

std::string_view member(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    if (value == nullptr || !value->is_string()) {
        return {};
    }
    return {value->get_string().data(), value->get_string().size()};
}

/// One message of a client.
class Command {
public:
    Command(Session& session, const json::object& object) : session_(session), object_(object) {}

    Result<> run() {
        const std::string_view op = member(object_, "op");
        if (op == "auth") {
            return auth();
        }
        if (!session_.is_logged_in()) {
            return fail(Code::unauthenticated, "log in first");
        }
        if (op == "ack") {
            return with_token(&Session::acknowledge);
        }
        if (op == "read") {
            return with_token(&Session::mark_read);
        }
        if (op == "subscribe") {
            session_.subscribe(stream(), member(object_, "since"));
        } else if (op == "unsubscribe") {
            session_.unsubscribe(stream());
        } else if (op == "ping") {
            session_.tell(R"({"op":"pong"})", "pong");
        } else {
            return fail(Code::invalid, "unknown op");
        }
        return {};
    }

private:
    [[nodiscard]] std::string stream() const { return std::string(member(object_, "stream")); }

    Result<> auth() {
        if (session_.is_logged_in()) {
            return fail(Code::duplicate, "the session is logged in already");
        }
        session_.login(member(object_, "token"), member(object_, "since"),
                       member(object_, "device"));
        return {};
    }

    Result<> with_token(Result<> (Session::*call)(const std::string&, const Token&)) {
        const auto token = Token::parse(member(object_, "token"));
        if (!token) {
            return fail(Code::invalid, "expected a token");
        }
        return (session_.*call)(stream(), *token);
    }

    Session& session_;
    const json::object& object_;
};

}  // namespace

const std::string& BelfryV1::name() const {
    static const std::string name = "belfry.v1";
    return name;
}

void BelfryV1::open(Session& session, const bf_request* /*request*/, Callback<SessionSetup> done) {
    SessionSetup setup;
    const Principal& principal = session.principal();
    if (principal.kind != PrincipalKind::service && !principal.id.empty()) {
        setup.streams.push_back(user_stream(principal.id));
    }
    done(std::move(setup));
}

std::string BelfryV1::hello(const Session& session, std::span<const Following> following) {
    std::string streams = "[";
    for (const Following& one : following) {
        streams += streams.size() > 1 ? "," : "";
        JsonObject object(streams);
        append_position(object, one);
    }
    streams += ']';
    std::string text;
    {
        JsonObject object(text);
        object.text("op", "hello")
            .text("protocol", name())
            .text("user", session.principal().id)
            .number("ping_ms", session.settings().ping / kMillisecond)
            .raw("streams", streams);
    }
    return text;
}

SharedBytes BelfryV1::encode(const std::string& stream, std::uint64_t epoch, const Entry& entry) {
    const Notification& notification = *entry.notification;
    std::string text;
    text.reserve(160 + notification.title.size() + notification.body.size() +
                 notification.data.size());
    {
        JsonObject object(text);
        object.text("op", "entry")
            .text("stream", stream)
            .text("token", Token{epoch, entry.seq}.print())
            .text("id", notification.id)
            .number("at", notification.created_at / kMillisecond);
        if (entry.kind != EntryKind::notification) {
            object.text("kind", kind_name(entry.kind));
        }
        append_text(object, "type", notification.type);
        append_text(object, "title", notification.title);
        append_text(object, "body", notification.body);
        append_data(object, notification);
        append_text(object, "collapse_key", notification.collapse_key);
        if (notification.priority != 0) {
            object.number("priority", notification.priority);
        }
        if (notification.expires_at != 0) {
            object.number("expires_at", notification.expires_at / kMillisecond);
        }
        if (notification.revision != 1) {
            object.number("revision", static_cast<std::int64_t>(notification.revision));
        }
        if (entry.read_at != 0) {
            object.number("read_at", entry.read_at / kMillisecond);
        }
    }
    return SharedBytes::copy(text);
}

std::string BelfryV1::lost(const Following& following) {
    return position_message("lost", following);
}

std::string BelfryV1::subscribed(const Following& following) {
    return position_message("subscribed", following);
}

std::string BelfryV1::failed(const Error& error, std::string_view about) {
    std::string text;
    JsonObject(text)
        .text("op", "error")
        .text("code", name_of(error.code))
        .text("message", error.message)
        .text("about", about);
    return text;
}

std::string BelfryV1::goaway(Nanos after) {
    std::string text;
    JsonObject(text).text("op", "goaway").number("after_ms", after / kMillisecond);
    return text;
}

void BelfryV1::on_message(Session& session, ByteView message, bool is_text) {
    constexpr std::size_t kDeepest = 8;
    json::error_code error;
    json::parse_options options;
    options.max_depth = kDeepest;
    const json::value value =
        is_text ? json::parse({reinterpret_cast<const char*>(message.data()), message.size()},
                              error, {}, options)
                : json::value();
    if (error || !value.is_object()) {
        session.tell(failed({Code::invalid, "expected a JSON object in a text message"}, ""),
                     "error");
        return;
    }
    if (const Result<> done = Command(session, value.get_object()).run(); !done) {
        session.tell(failed(done.error(), member(value.get_object(), "op")), "error");
    }
}

}  // namespace belfry::live
