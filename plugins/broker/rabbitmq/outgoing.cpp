#include "plugins/broker/rabbitmq/outgoing.hpp"

#include "plugins/broker/rabbitmq/field.hpp"
#include "plugins/broker/rabbitmq/names.hpp"
#include "plugins/broker/rabbitmq/table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace belfry::rabbitmq {

namespace {

constexpr std::size_t kLargestBody = std::size_t{128} << 20U;  // RabbitMQ's own limit
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::string_view kExpirationHeader = "amqp-expiration";
constexpr std::string_view kUserHeader = "amqp-user-id";
constexpr std::string_view kReplyHeader = "amqp-reply-to";
/// RabbitMQ refuses it from a channel that does not wait for replies.
constexpr std::string_view kDirectReply = "amq.rabbitmq.reply-to";
constexpr std::size_t kLongestReason = 2'000;

constexpr std::array<std::string_view, 7> kDeathHeaders{
    BF_HEADER_REASON,   BF_HEADER_SOURCE,  BF_HEADER_DESTINATION, BF_HEADER_COORDINATES,
    BF_HEADER_ATTEMPTS, BF_HEADER_DEAD_AT, kExchangeHeader,
};

bool is_death_header(std::string_view name) {
    return std::find(kDeathHeaders.begin(), kDeathHeaders.end(), name) != kDeathHeaders.end();
}

/// RabbitMQ takes these for routing keys.
bool is_routing_header(std::string_view name) { return name == "CC" || name == "BCC"; }

std::optional<std::uint32_t> number_of(std::string_view text) {
    std::uint32_t number = 0;
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    return result.ec == std::errc() && result.ptr == end && !text.empty() ? std::optional(number)
                                                                          : std::nullopt;
}

[[noreturn]] void refuse(const std::string& what) {
    throw sdk::Failure(sdk::Status::invalid, what);
}

std::string short_text(bf_str from, std::string_view what) {
    if (from.len > kLongestShort) {
        refuse(std::string(what) + ": expected at most " + std::to_string(kLongestShort) +
               " bytes, found " + std::to_string(from.len));
    }
    return std::string(sdk::view(from));
}

/// Would RabbitMQ close the channel because of this value?
bool is_allowed(Text which, std::string_view value, std::string_view user) {
    if (which == Text::user_id) {
        return value == user;
    }
    if (which == Text::reply_to && value == kDirectReply) {
        return false;
    }
    return value.size() <= kLongestShort && (which != Text::expiration || number_of(value));
}

/// Sets the property that a header stands for; false where it stands for none.
bool take_property(Message& message, std::string_view name, std::string_view value,
                   std::string_view user) {
    if (name == kPriorityHeader) {
        const auto priority = number_of(value);
        message.has_priority = priority && *priority <= 255;
        message.priority = message.has_priority ? static_cast<std::uint8_t>(*priority) : 0;
        return message.has_priority;
    }
    for (std::size_t i = 0; i < kTexts.size(); ++i) {
        if (kTexts.at(i).header == name && is_allowed(static_cast<Text>(i), value, user)) {
            message.texts.at(i) = value;
            return true;
        }
    }
    return false;
}

void add_header(Message& message, Table& headers, const bf_pair& header, std::string_view user) {
    const auto name = sdk::view(header.name);
    if (name.size() > kLongestShort) {
        refuse("header: expected a name of at most " + std::to_string(kLongestShort) +
               " bytes, found " + std::to_string(name.size()));
    }
    if (is_routing_header(name)) {
        refuse("header " + std::string(name) + ": RabbitMQ takes it for routing keys");
    }
    const auto value = sdk::view(header.value);
    if (name.empty() || !name.starts_with("amqp-") || !take_property(message, name, value, user)) {
        headers.add(name, value);
    }
}

void move_to_header(std::string& property, Table& headers, std::string_view name) {
    headers.add(name, property);
    property.clear();
}

/// Takes out what must not come into force again: it stays as headers.
void disarm(Message& message, Table& headers, std::string_view user) {
    if (auto& expiration = message.text(Text::expiration); !expiration.empty()) {
        move_to_header(expiration, headers, kExpirationHeader);
    }
    if (auto& user_id = message.text(Text::user_id); !user_id.empty() && user_id != user) {
        move_to_header(user_id, headers, kUserHeader);
    }
    if (auto& reply_to = message.text(Text::reply_to); reply_to == kDirectReply) {
        move_to_header(reply_to, headers, kReplyHeader);
    }
}

void add_own_headers(Table& headers, const amqp_table_t& own) {
    for (int i = 0; i < own.num_entries; ++i) {
        auto entry = own.entries[i];
        if (is_routing_header(text_of(entry.key))) {
            entry.key = bytes_of(text_of(entry.key) == "CC" ? "amqp-cc" : "amqp-bcc");
        }
        if (!is_death_header(text_of(entry.key))) {
            headers.add(entry);
        }
    }
}

}  // namespace

Message make_message(const bf_message& from, std::string_view stamp, std::string_view user) {
    Message message;
    message.routing_key = short_text(from.destination, "destination");
    message.exchange = short_text(from.exchange, "exchange");
    message.text(Text::message_id) = short_text(from.id, "id");
    message.text(Text::content_type) = short_text(from.content_type, "content_type");
    if (from.body.len > kLargestBody) {
        refuse("body: expected at most 128 MiB, found " + std::to_string(from.body.len) + " bytes");
    }
    message.body = sdk::text_of(from.body);
    message.timestamp = from.time > 0 ? static_cast<std::uint64_t>(from.time / kSecond) : 0;
    Table headers;
    for (std::uint64_t i = 0; i < from.header_count; ++i) {
        add_header(message, headers, from.headers[i], user);
    }
    if (from.id.len == 0) {
        headers.add(kStampHeader, stamp);
    }
    if (from.key.len > 0) {
        headers.add(kKeyHeader, sdk::view(from.key));
    }
    message.headers = encode(headers.get());
    return message;
}

Message retry_copy(const Incoming& incoming, const SourceSettings& settings,
                   std::string_view delay_queue, std::string_view user) {
    Message copy = incoming.message;
    Pool pool;
    const auto own = decode(incoming.message.headers, pool);
    Table inner;
    for (int i = 0; i < own.num_entries; ++i) {
        inner.add(own.entries[i]);
    }
    disarm(copy, inner, user);
    Table headers;
    headers.add(kHeadersHeader, inner.get());
    headers.add(kExchangeHeader, copy.exchange);
    headers.add(BF_HEADER_DESTINATION, copy.routing_key);
    headers.add(BF_HEADER_COORDINATES, incoming.coordinates);
    headers.add(settings.attempts_header, static_cast<std::int64_t>(incoming.attempt));
    copy.headers = encode(headers.get());
    copy.exchange.clear();
    copy.routing_key = delay_queue;
    return copy;
}

Message dead_letter(const Incoming& incoming, const SourceSettings& settings, const Death& death) {
    Message dead = incoming.message;
    Pool pool;
    Table headers;
    if (!death.bare) {
        add_own_headers(headers, decode(incoming.message.headers, pool));
    }
    disarm(dead, headers, death.user);
    headers.add(BF_HEADER_REASON, std::string_view(death.reason).substr(0, kLongestReason));
    headers.add(BF_HEADER_SOURCE, death.source);
    headers.add(BF_HEADER_DESTINATION, incoming.message.routing_key);
    headers.add(kExchangeHeader, incoming.message.exchange);
    headers.add(BF_HEADER_COORDINATES, incoming.coordinates);
    headers.add(BF_HEADER_ATTEMPTS, std::to_string(incoming.attempt));
    headers.add(BF_HEADER_DEAD_AT, utc_text(death.time));
    dead.headers = encode(headers.get());
    dead.exchange = settings.dead_letter_exchange;
    dead.routing_key = settings.dead_letters;
    return dead;
}

Message revived(const Message& dead, const SourceSettings& settings) {
    Message message = dead;
    Pool pool;
    const auto table = decode(dead.headers, pool);
    Table headers;
    for (int i = 0; i < table.num_entries; ++i) {
        const auto name = text_of(table.entries[i].key);
        if (!is_death_header(name) && name != settings.attempts_header && name != kDeliveryCount) {
            headers.add(table.entries[i]);
        }
    }
    const auto coordinates = text_at(table, BF_HEADER_COORDINATES);
    const std::string own = stamped(settings.queue, "");
    if (find(table, kStampHeader) == nullptr && coordinates.starts_with(own)) {
        headers.add(kStampHeader, coordinates.substr(own.size()));
    }
    const bool is_known = find(table, BF_HEADER_DESTINATION) != nullptr;
    message.exchange = is_known ? text_at(table, kExchangeHeader) : std::string_view();
    message.routing_key = is_known ? text_at(table, BF_HEADER_DESTINATION) : settings.queue;
    message.headers = encode(headers.get());
    return message;
}

std::int64_t died_at(const Message& dead) {
    Pool pool;
    return parse_utc(text_at(decode(dead.headers, pool), BF_HEADER_DEAD_AT));
}

}  // namespace belfry::rabbitmq
