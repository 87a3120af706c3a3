/// From broker messages to events to notifications.
#pragma once

#include "daemon/mailbox/mailbox.hpp"
#include "daemon/plugin/broker.hpp"

#include <string_view>

namespace belfry {

/// CloudEvents 1.0 in binary mode (headers "ce-..."), else a plain message: its source is
/// "<origin>/<where it was sent>", its id the message's own or its coordinates, its subject the
/// header "subject".
Event event_from(Message message, std::string_view origin);

/// The notification an event asks for where no rule says otherwise: `subject` names the stream; a
/// JSON object's "title" and "body" become title and body, text becomes the body, and other payload
/// is kept as data with its media type. `invalid` if there is no usable subject, or if data is not
/// the JSON it says it is: clients get JSON as it is.
Result<Draft> draft_from(Event event);

}  // namespace belfry
