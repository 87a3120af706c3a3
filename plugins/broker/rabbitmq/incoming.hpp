/// A message that came from a source's queue.
#pragma once

#include "plugins/broker/rabbitmq/message.hpp"
#include "plugins/broker/rabbitmq/settings.hpp"

#include <belfry/types.hpp>

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::rabbitmq {

struct Incoming {
    Message message;  ///< as it was first published
    std::uint64_t attempt = 1;
    bool redelivered = false;
    std::string coordinates;  ///< empty where the message itself has none
};

/// Takes off what RabbitMQ and retry_copy() have put on.
[[nodiscard]] Incoming unwrap(Message message, bool redelivered, const SourceSettings& settings);

/// The coordinates of what has a stamp, or a message_id, in the queue.
[[nodiscard]] std::string stamped(std::string_view queue, std::string_view stamp);
[[nodiscard]] std::string identified(std::string_view queue, std::string_view message_id);

/// What was delivered and not settled when a connection was lost: it will be delivered again, and
/// is then known by its content. One thread.
class Recall {
public:
    /// Kept until it comes again, or for five minutes from `now` (monotonic), the oldest at most
    /// kMost.
    void keep(Incoming incoming, std::int64_t now);
    /// Gives a message that comes again the coordinates it had, and an attempt that is higher.
    void recognise(Incoming& incoming, std::int64_t now);

private:
    static constexpr std::size_t kMost = 10'000;
    static constexpr std::int64_t kPatience = 300'000'000'000;

    struct Kept {
        Incoming incoming;
        std::int64_t until = 0;
    };
    std::list<Kept> kept_;
};

/// Messages as `deliver` takes them.
class Batch {
public:
    void add(const Incoming& incoming, std::uint64_t token);
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    void deliver(const bf_source& source) const;

private:
    struct Entry {
        const Incoming* incoming;  ///< stays until it was delivered
        std::uint64_t token;
    };
    std::vector<Entry> entries_;
};

/// A message for a completion or `deliver`; borrows from both.
class WireMessage {
public:
    explicit WireMessage(const Message& message);
    [[nodiscard]] bf_message get() const;

private:
    const Message* message_;
    std::string key_;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::vector<bf_pair> pairs_;
};

}  // namespace belfry::rabbitmq
