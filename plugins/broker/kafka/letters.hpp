/// What a message carries in the topics of retries and of dead letters.
#pragma once

#include "plugins/broker/kafka/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::kafka {

/// Why and when it died.
struct Death {
    std::string_view source;
    std::string_view reason;
    std::int64_t time = 0;
};

/// To come again at `not_before` (since 1970), as the attempt after its own.
[[nodiscard]] Message retry_letter(const Message& message, std::int64_t not_before);
[[nodiscard]] Message dead_letter(const Message& message, const Death& death);
/// The dead letter as one that comes again at once, as the first attempt.
[[nodiscard]] Message revived_letter(const Message& dead);

/// The letter as the message that it was: destination, coordinates, time and attempt are its own.
/// Headers that are no such letter's are taken as they are.
void restore_retry(Message& letter, std::int64_t& not_before);
/// The same, with the headers that say why it died.
void restore_dead(Message& letter);

}  // namespace belfry::kafka
