/// From a broker's message to the notification it asks for.
#pragma once

#include "daemon/config/profile.hpp"
#include "daemon/mailbox/mailbox.hpp"
#include "daemon/mailbox/plain_message.hpp"
#include "daemon/mailbox/rejection.hpp"

#include <string>

namespace belfry {

/// By the profile's settings of one source. Any thread.
class EnvelopeReader {
public:
    EnvelopeReader(config::EnvelopeSettings settings, const std::string& source);

    [[nodiscard]] Accepted<Draft> read(Message message) const;

private:
    [[nodiscard]] Accepted<Event> to_event(Message message) const;

    const config::EnvelopeSettings settings_;
    const PlainReader plain_;
};

}  // namespace belfry
