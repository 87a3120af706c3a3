#include "plugins/broker/memory/message.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace belfry::memory {

namespace {

using sdk::str;
using sdk::view;

std::string owned(bf_str text) { return std::string(view(text)); }

constexpr std::uint64_t kOverhead = 256;  // of the structures around a message, roughly

constexpr std::array<std::string_view, 6> kReasons{BF_HEADER_REASON,      BF_HEADER_SOURCE,
                                                   BF_HEADER_DESTINATION, BF_HEADER_COORDINATES,
                                                   BF_HEADER_ATTEMPTS,    BF_HEADER_DEAD_AT};

/// What an earlier death left behind, or the publisher made up.
void drop_reasons(Message& message) {
    std::erase_if(message.headers, [](const auto& header) {
        return std::find(kReasons.begin(), kReasons.end(), header.first) != kReasons.end();
    });
}

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

void Batch::add(Entry entry) {
    for (const auto& [name, value] : entry.message->headers) {
        entry.headers.push_back({str(name), str(value)});
    }
    entries_.push_back(std::move(entry));
}

void Batch::add(const Item& item, std::uint64_t token, std::string coordinates) {
    add({item.message,
         item.message->destination,
         item.attempts,
         token,
         std::move(coordinates),
         {}});
}

void Batch::add_dead(const Item& item, std::string coordinates) {
    const Death& death = *item.message->death;
    add({item.message, death.destination, death.attempts, 0, std::move(coordinates), {}});
}

std::vector<bf_message> Batch::wire() const {
    std::vector<bf_message> wire;
    wire.reserve(entries_.size());
    for (const Entry& entry : entries_) {
        const Message& message = *entry.message;
        wire.push_back({sizeof(bf_message), 0, str(entry.destination), str(message.exchange),
                        str(message.key), str(message.id), str(message.content_type),
                        sdk::bytes_of(message.body), entry.headers.data(), entry.headers.size(),
                        message.time, entry.attempt, entry.token, str(entry.coordinates)});
    }
    return wire;
}

Message dead_letter_of(const Message& message, std::string destination, Death death,
                       const std::vector<std::pair<std::string, std::string>>& why) {
    Message dead = message;
    drop_reasons(dead);
    dead.headers.insert(dead.headers.end(), why.begin(), why.end());
    dead.destination = std::move(destination);
    dead.death = std::move(death);
    return dead;
}

Message revived(const Message& dead) {
    Message message = dead;
    drop_reasons(message);
    message.destination = dead.death->destination;
    message.death.reset();
    return message;
}

}  // namespace belfry::memory
