#include "plugins/broker/rabbitmq/incoming.hpp"

#include "plugins/broker/rabbitmq/field.hpp"
#include "plugins/broker/rabbitmq/names.hpp"
#include "plugins/broker/rabbitmq/table.hpp"

#include <algorithm>
#include <limits>

namespace belfry::rabbitmq {

namespace {

constexpr std::uint64_t kMostAttempts = 1'000'000'000;  // of a header that anybody can write
constexpr std::int64_t kSecond = 1'000'000'000;

bool is_retry_copy(const Message& message, const amqp_table_t& table, const std::string& queue) {
    const auto* inner = find(table, kHeadersHeader);
    return message.exchange.empty() && message.routing_key == queue && inner != nullptr &&
           inner->kind == AMQP_FIELD_KIND_TABLE;
}

/// All of `table` but these; nothing is encoded again where none of them is there.
void drop_header(Message& message, const amqp_table_t& table, std::string_view name) {
    if (find(table, name) == nullptr) {
        return;
    }
    Table rest;
    for (int i = 0; i < table.num_entries; ++i) {
        if (text_of(table.entries[i].key) != name) {
            rest.add(table.entries[i]);
        }
    }
    message.headers = encode(rest.get());
}

void restore(Incoming& incoming, const amqp_table_t& table, const SourceSettings& settings) {
    Message& message = incoming.message;
    message.exchange = text_at(table, kExchangeHeader);
    message.routing_key = text_at(table, BF_HEADER_DESTINATION);
    incoming.coordinates = text_at(table, BF_HEADER_COORDINATES);
    Table headers;
    const auto& inner = find(table, kHeadersHeader)->value.table;
    for (int i = 0; i < inner.num_entries; ++i) {
        if (text_of(inner.entries[i].key) != settings.attempts_header) {
            headers.add(inner.entries[i]);
        }
    }
    headers.add(settings.attempts_header,
                static_cast<std::int64_t>(number_at(table, settings.attempts_header)));
    message.headers = encode(headers.get());
}

std::string own_coordinates(const Message& message, const amqp_table_t& table,
                            const std::string& queue) {
    const auto stamp = text_at(table, kStampHeader);
    if (!stamp.empty()) {
        return stamped(queue, stamp);
    }
    const auto& id = message.text(Text::message_id);
    return id.empty() ? std::string() : identified(queue, id);
}

}  // namespace

std::string stamped(std::string_view queue, std::string_view stamp) {
    return std::string(queue) + "#" + std::string(stamp);
}

std::string identified(std::string_view queue, std::string_view message_id) {
    return std::string(queue) + "@" + std::string(message_id);
}

Incoming unwrap(Message message, bool redelivered, const SourceSettings& settings) {
    Pool pool;
    const std::string encoded = message.headers;  // what `table` points to
    const auto table = decode(encoded, pool);
    Incoming incoming{std::move(message), 1, redelivered, {}};
    const auto attempts = std::min(number_at(table, settings.attempts_header), kMostAttempts);
    const auto returned = std::min(number_at(table, kDeliveryCount), kMostAttempts);
    incoming.attempt = attempts + 1 + std::max<std::uint64_t>(returned, redelivered ? 1 : 0);
    if (is_retry_copy(incoming.message, table, settings.queue)) {
        restore(incoming, table, settings);
    } else {
        drop_header(incoming.message, table, kDeliveryCount);
        incoming.coordinates = own_coordinates(incoming.message, table, settings.queue);
    }
    return incoming;
}

void Recall::keep(Incoming incoming, std::int64_t now) {
    kept_.push_back({std::move(incoming), now + kPatience});
    if (kept_.size() > kMost) {
        kept_.pop_front();
    }
}

void Recall::recognise(Incoming& incoming, std::int64_t now) {
    while (!kept_.empty() && kept_.front().until < now) {
        kept_.pop_front();
    }
    if (!incoming.redelivered) {
        return;
    }
    const auto same = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& one) {
        return one.incoming.message == incoming.message;
    });
    if (same == kept_.end()) {
        return;
    }
    incoming.coordinates = same->incoming.coordinates;
    incoming.attempt = std::max(incoming.attempt, same->incoming.attempt + 1);
    kept_.erase(same);
}

WireMessage::WireMessage(const Message& message)
    : message_(&message), headers_(headers_of(message)) {
    Pool pool;
    key_ = text_at(decode(message.headers, pool), kKeyHeader);
    pairs_.reserve(headers_.size());
    for (const auto& [name, value] : headers_) {
        pairs_.push_back({sdk::str(name), sdk::str(value)});
    }
}

bf_message WireMessage::get() const {
    constexpr auto kLast =
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / kSecond);
    const bool is_time = message_->timestamp <= kLast;
    bf_message wire{};
    wire.size = sizeof wire;
    wire.destination = sdk::str(message_->routing_key);
    wire.exchange = sdk::str(message_->exchange);
    wire.key = sdk::str(key_);
    wire.id = sdk::str(message_->text(Text::message_id));
    wire.content_type = sdk::str(message_->text(Text::content_type));
    wire.body = sdk::bytes_of(message_->body);
    wire.headers = pairs_.data();
    wire.header_count = pairs_.size();
    wire.time = is_time ? static_cast<std::int64_t>(message_->timestamp) * kSecond : 0;
    return wire;
}

void Batch::add(const Incoming& incoming, std::uint64_t token) {
    entries_.push_back({&incoming, token});
}

void Batch::deliver(const bf_source& source) const {
    std::list<WireMessage> owned;
    std::vector<bf_message> wire;
    wire.reserve(entries_.size());
    for (const auto& [incoming, token] : entries_) {
        wire.push_back(owned.emplace_back(incoming->message).get());
        wire.back().attempt = incoming->attempt;
        wire.back().token = token;
        wire.back().coordinates = sdk::str(incoming->coordinates);
    }
    source.deliver(source.ctx, wire.data(), wire.size());
}

}  // namespace belfry::rabbitmq
