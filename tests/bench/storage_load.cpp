#include "tests/bench/storage_load.hpp"

#include <algorithm>
#include <numeric>

namespace belfry::bench {
namespace {

bf_str str(std::string_view text) { return {text.data(), text.size()}; }

bf_bytes bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void SeededRandom::fill(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) {
        byte = static_cast<std::uint8_t>(engine_());
    }
}

std::string stream_of(std::uint64_t mailbox) { return "user:bench-" + std::to_string(mailbox); }

MessageMaker::MessageMaker(std::uint64_t seed, std::uint64_t mailboxes)
    : random_(seed), id_random_(seed), ids_(system_clock(), id_random_), mailboxes_(mailboxes) {}

std::string MessageMaker::random_text(std::size_t size) {
    std::string text(size, '\0');
    random_.fill({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return text;
}

Message MessageMaker::make_one(std::uint64_t mailbox, Events events) {
    constexpr std::size_t kEventBytes = 16;
    constexpr std::size_t kHashBytes = 32;
    Message message{.mailbox = mailbox,
                    .stream = stream_of(mailbox),
                    .id = ids_.make(),
                    .data = to_hex(random_text(kDataBytes / 2)),
                    .event_id = {},
                    .hash = {},
                    .created_at = system_clock().now()};
    if (events == Events::random) {
        message.event_id = to_hex(random_text(kEventBytes));
        message.hash = random_text(kHashBytes);
    }
    return message;
}

std::vector<Message> MessageMaker::make(std::size_t count, Events events) {
    std::vector<Message> messages;
    messages.reserve(count);
    while (messages.size() < count) {
        messages.push_back(make_one(random_.below(mailboxes_), events));
    }
    return messages;
}

std::vector<Message> MessageMaker::make_even(std::size_t count, Events events) {
    std::vector<Message> messages;
    messages.reserve(count);
    while (messages.size() < count) {
        if (turn_.empty()) {
            turn_.resize(mailboxes_);
            std::iota(turn_.begin(), turn_.end(), 0);
            for (std::size_t left = turn_.size(); left > 1; --left) {
                std::swap(turn_[left - 1], turn_[random_.below(left)]);
            }
        }
        messages.push_back(make_one(turn_.back(), events));
        turn_.pop_back();
    }
    return messages;
}

Groups::Groups(std::span<const Message> messages) {
    streams_.reserve(messages.size());
    notifications_.reserve(messages.size());
    appends_.reserve(messages.size());
    for (const Message& message : messages) {
        add(message, &streams_.emplace_back(str(message.stream)), 1);
    }
    finish();
}

Groups::Groups(const Message& message, std::span<const std::string> streams) {
    notifications_.reserve(1);
    appends_.reserve(1);
    std::ranges::transform(streams, std::back_inserter(streams_), str);
    add(message, streams_.data(), streams_.size());
    finish();
}

/// There is room for it already: what points to the former ones stays.
void Groups::add(const Message& message, const bf_str* streams, std::uint64_t count) {
    bf_notification notification{};
    notification.size = sizeof notification;
    notification.id = str(message.id);
    notification.type = str(kMessageType);
    notification.data = bytes(message.data);
    notification.created_at = message.created_at;
    notification.revision = 1;
    if (!message.event_id.empty()) {
        notification.source = str(kEventSource);
        notification.event_id = str(message.event_id);
    }
    bf_op_append append{};
    append.op = {sizeof append, BF_OP_APPEND};
    append.entry_kind = BF_ENTRY_NOTIFICATION;
    append.notification = &notifications_.emplace_back(notification);
    append.content_hash = bytes(message.hash);
    append.streams = streams;
    append.stream_count = count;
    appends_.push_back(append);
}

void Groups::finish() {
    std::ranges::transform(appends_, std::back_inserter(ops_),
                           [](const bf_op_append& append) { return &append.op; });
    groups_.reserve(ops_.size());
    for (const bf_op* const& op : ops_) {
        groups_.push_back({sizeof(bf_group), 0, &op, 1});
    }
}

}  // namespace belfry::bench
