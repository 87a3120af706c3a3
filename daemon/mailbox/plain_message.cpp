#include "daemon/mailbox/plain_message.hpp"

#include "daemon/base/digest.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/base/utf8.hpp"
#include "daemon/mailbox/media_type.hpp"
#include "daemon/mailbox/message_headers.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <utility>

namespace belfry {
namespace {

namespace json = boost::json;

/// The longest that the mailbox takes as an event's source or id.
constexpr std::size_t kLongestKey = 200;

/// What identifies a message has to fit whatever the broker calls it.
std::string fitting(std::string text) {
    if (text.size() <= kLongestKey && is_utf8(text) && !text.contains('\0')) {
        return text;
    }
    Sha256 hash;
    hash.add_sized(text);
    return "sha256:" + to_hex(hash.finish());
}

std::optional<std::string> to_text(const json::value& value) {
    if (value.is_string()) {
        return std::string(std::string_view(value.get_string()));
    }
    if (value.is_int64()) {
        return std::to_string(value.get_int64());
    }
    return value.is_uint64() ? std::optional(std::to_string(value.get_uint64())) : std::nullopt;
}

std::optional<std::string> if_any(std::string text) {
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

}  // namespace

std::optional<MessagePlace> MessagePlace::parse(std::string_view text) {
    const auto behind = [&](std::string_view prefix) { return text.substr(prefix.size()); };
    if (text == "message") {
        return MessagePlace{Where::id, text, {}};
    }
    if (text == "coordinates") {
        return MessagePlace{Where::coordinates, text, {}};
    }
    if (text.starts_with("header:")) {
        return MessagePlace{Where::header, text, behind("header:")};
    }
    if (text.starts_with("json:")) {
        return MessagePlace{Where::body, text, behind("json:")};
    }
    if (text.starts_with("destination:")) {
        return MessagePlace{Where::destination, text, behind("destination:")};
    }
    return std::nullopt;
}

std::optional<std::string> MessagePlace::find(const Message& message,
                                              const json::value& body) const {
    switch (where_) {
        case Where::header: {
            const std::string* value = find_header(message, name_);
            return value == nullptr ? std::nullopt : if_any(*value);
        }
        case Where::body: {
            json::error_code error;
            const json::value* value = body.find_pointer(name_, error);
            const auto text = value == nullptr ? std::nullopt : to_text(*value);
            return text ? if_any(*text) : std::nullopt;
        }
        case Where::destination:
            return message.destination.starts_with(name_)
                       ? if_any(message.destination.substr(name_.size()))
                       : std::nullopt;
        case Where::id: return if_any(message.id);
        case Where::coordinates: return if_any(fitting(message.coordinates));
    }
    return std::nullopt;
}

PlainReader::PlainReader(const config::PlainSettings& settings, std::string origin)
    : origin_(std::move(origin)), id_(MessagePlace::parse(settings.id)),
      subject_(MessagePlace::parse(settings.subject)), subject_prefix_(settings.subject_prefix),
      type_(MessagePlace::parse(settings.type)),
      fixed_type_(type_ ? std::string() : settings.type) {}

Accepted<std::string> PlainReader::id_of(const Message& message, const json::value& body) const {
    if (!id_) {
        return message.id.empty() ? fitting(message.coordinates) : message.id;
    }
    auto id = id_->find(message, body);
    return id ? Accepted<std::string>(*std::move(id))
              : undecodable("the message has no id at " + id_->text());
}

Accepted<std::string> PlainReader::type_of(const Message& message, const json::value& body) const {
    if (!type_) {
        return fixed_type_;
    }
    auto type = type_->find(message, body);
    return type ? Accepted<std::string>(*std::move(type))
                : undecodable("the message has no type at " + type_->text());
}

Accepted<Event> PlainReader::read(Message message) const {
    json::value body;
    const auto is_in_body = [](const std::optional<MessagePlace>& place) {
        return place && place->is_in_body();
    };
    if (is_in_body(id_) || is_in_body(subject_) || is_in_body(type_)) {
        json::error_code error;
        json::parse_options options;
        options.max_depth = kDeepestJson;
        body = json::parse(message.body, error, {}, options);
        if (error) {
            return undecodable("the body: expected JSON of at most " +
                               std::to_string(kDeepestJson) + " levels");
        }
    }
    auto id = id_of(message, body);
    if (!id) {
        return std::unexpected(std::move(id.error()));
    }
    auto type = type_of(message, body);
    if (!type) {
        return std::unexpected(std::move(type.error()));
    }
    const auto subject = subject_ ? subject_->find(message, body) : std::nullopt;
    if (!subject) {
        return undecodable("the message has no subject at " +
                           (subject_ ? subject_->text() : std::string("any place")));
    }
    Event event;
    event.source = fitting(origin_ + '/' + message.destination);
    event.id = *std::move(id);
    event.type = *std::move(type);
    event.subject = subject_prefix_ + *subject;
    event.time = message.time;
    event.content_type = content_type_of(message);
    if (const std::string* trace = find_header(message, "traceparent")) {
        event.attributes.emplace_back("traceparent", *trace);
    }
    event.data = std::move(message.body);
    return event;
}

}  // namespace belfry
