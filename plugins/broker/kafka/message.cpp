#include "plugins/broker/kafka/message.hpp"

#include "plugins/broker/kafka/times.hpp"

#include <algorithm>
#include <span>

namespace belfry::kafka {
namespace {

constexpr std::size_t kOverhead = 300;  // of the structs around a message, roughly

std::string bytes_at(const void* data, std::size_t size) {
    return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

/// Takes the first header of that name out.
std::string extract(Message& message, std::string_view name) {
    const auto found = std::ranges::find(
        message.headers, name, [](const auto& header) -> const auto& { return header.first; });
    if (found == message.headers.end()) {
        return {};
    }
    std::string value = std::move(found->second);
    message.headers.erase(found);
    return value;
}

void read_headers(const rd_kafka_message_t& from, Message& to) {
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&from, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return;
    }
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        to.headers.emplace_back(name, bytes_at(value, size));
    }
    to.content_type = extract(to, kContentTypeHeader);
    to.id = extract(to, kIdHeader);
}

}  // namespace

Message::Message(const bf_message& from)
    : destination(sdk::view(from.destination)), key(sdk::view(from.key)), id(sdk::view(from.id)),
      content_type(sdk::view(from.content_type)), body(sdk::text_of(from.body)), time(from.time) {
    for (const bf_pair& header : std::span(from.headers, from.header_count)) {
        headers.emplace_back(sdk::view(header.name), sdk::view(header.value));
    }
}

// The timestamp tells the message from the one that had this offset before, where the topic was
// deleted and made again.
Message::Message(const rd_kafka_message_t& from)
    : destination(rd_kafka_topic_name(from.rkt)), key(bytes_at(from.key, from.key_len)),
      body(bytes_at(from.payload, from.len)) {
    rd_kafka_timestamp_type_t type{};
    const std::int64_t milliseconds = rd_kafka_message_timestamp(&from, &type);
    time = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || milliseconds < 0
               ? 0
               : std::min(milliseconds, INT64_MAX / kMilli) * kMilli;
    coordinates = destination + "/" + std::to_string(from.partition) + "@" +
                  std::to_string(from.offset) + "." + std::to_string(milliseconds);
    read_headers(from, *this);
}

std::size_t Message::bytes() const {
    std::size_t sum = kOverhead + destination.size() + key.size() + id.size() +
                      content_type.size() + body.size() + coordinates.size();
    for (const auto& [name, value] : headers) {
        sum += name.size() + value.size();
    }
    return sum;
}

std::string_view Message::header(std::string_view name) const {
    const auto found = std::ranges::find(
        headers, name, [](const auto& header) -> const auto& { return header.first; });
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

void Message::erase_headers(std::string_view prefix) {
    std::erase_if(headers, [&](const auto& header) { return header.first.starts_with(prefix); });
}

HeadersPtr Message::wire_headers() const {
    HeadersPtr wire(rd_kafka_headers_new(headers.size() + 2));
    const auto add = [&](std::string_view name, std::string_view value) {
        (void)rd_kafka_header_add(wire.get(), name.data(), static_cast<ssize_t>(name.size()),
                                  value.data(), static_cast<ssize_t>(value.size()));
    };
    if (!content_type.empty()) {
        add(kContentTypeHeader, content_type);
    }
    if (!id.empty()) {
        add(kIdHeader, id);
    }
    for (const auto& [name, value] : headers) {
        add(name, value);
    }
    return wire;
}

void Batch::add(const Message& message, std::uint64_t token) {
    auto& headers = headers_.emplace_back();
    for (const auto& [name, value] : message.headers) {
        headers.push_back({sdk::str(name), sdk::str(value)});
    }
    messages_.push_back({sizeof(bf_message),
                         0,
                         sdk::str(message.destination),
                         {},
                         sdk::str(message.key),
                         sdk::str(message.id),
                         sdk::str(message.content_type),
                         sdk::bytes_of(message.body),
                         nullptr,
                         headers.size(),
                         message.time,
                         message.attempt,
                         token,
                         sdk::str(message.coordinates)});
}

const std::vector<bf_message>& Batch::wire() {
    for (std::size_t i = 0; i < messages_.size(); ++i) {
        messages_[i].headers = headers_[i].data();
    }
    return messages_;
}

}  // namespace belfry::kafka
