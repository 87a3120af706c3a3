/// Messages on their way to the broker.
#pragma once

#include "plugins/broker/rabbitmq/incoming.hpp"
#include "plugins/broker/rabbitmq/message.hpp"
#include "plugins/broker/rabbitmq/settings.hpp"

#include <belfry/types.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::rabbitmq {

/// What the daemon publishes. `stamp` is what tells it from others where it has no id. Throws
/// sdk::Failure (invalid) for what AMQP cannot carry.
[[nodiscard]] Message make_message(const bf_message& from, std::string_view stamp,
                                   std::string_view user);

/// What waits in a queue of delays; unwrap() undoes it.
[[nodiscard]] Message retry_copy(const Incoming& incoming, const SourceSettings& settings,
                                 std::string_view delay_queue, std::string_view user);

struct Death {
    std::string source;
    std::string reason;
    std::int64_t time = 0;
    std::string user;
    bool bare = false;  ///< without the message's own headers: they are too large
};

[[nodiscard]] Message dead_letter(const Incoming& incoming, const SourceSettings& settings,
                                  const Death& death);

/// A dead letter as it was before it died; where that is not known, for the source's queue.
[[nodiscard]] Message revived(const Message& dead, const SourceSettings& settings);
/// When it died; 0 = unknown.
[[nodiscard]] std::int64_t died_at(const Message& dead);

}  // namespace belfry::rabbitmq
