#include "plugins/broker/memory/message.hpp"

#include <span>

namespace belfry::memory {

namespace {

using sdk::str;
using sdk::view;

std::string owned(bf_str text) { return std::string(view(text)); }

constexpr std::uint64_t kOverhead = 256;  // of the structures around a message, roughly

}  // namespace

Message::Message(const bf_message& from)
    : destination(owned(from.destination)), exchange(owned(from.exchange)), key(owned(from.key)),
      id(owned(from.id)), content_type(owned(from.content_type)), body(sdk::text_of(from.body)),
      time(from.time) {
    for (const bf_pair& header : std::span(from.headers, from.header_count)) {
        headers.emplace_back(view(header.name), view(header.value));
    }
}

std::uint64_t Message::bytes() const {
    std::uint64_t sum = kOverhead + destination.size() + exchange.size() + key.size() + id.size() +
                        content_type.size() + body.size();
    for (const auto& [name, value] : headers) {
        sum += name.size() + value.size();
    }
    return sum;
}

void Batch::add(const Item& item, std::uint64_t token, std::string coordinates) {
    Entry entry{item.message, item.attempts, token, std::move(coordinates), {}};
    for (const auto& [name, value] : item.message->headers) {
        entry.headers.push_back({str(name), str(value)});
    }
    entries_.push_back(std::move(entry));
}

void Batch::deliver() const {
    std::vector<bf_message> wire;
    wire.reserve(entries_.size());
    for (const Entry& entry : entries_) {
        const Message& message = *entry.message;
        wire.push_back({sizeof(bf_message), 0, str(message.destination), str(message.exchange),
                        str(message.key), str(message.id), str(message.content_type),
                        sdk::bytes_of(message.body), entry.headers.data(), entry.headers.size(),
                        message.time, entry.attempt, entry.token, str(entry.coordinates)});
    }
    source_.deliver(source_.ctx, wire.data(), wire.size());
}

}  // namespace belfry::memory
