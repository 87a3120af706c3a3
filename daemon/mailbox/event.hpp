/// From events to notifications.
#pragma once

#include "daemon/mailbox/mailbox.hpp"

namespace belfry {

/// The notification an event asks for where no rule says otherwise: `subject` names the stream; a
/// JSON object's "title" and "body" become title and body, text becomes the body, and other payload
/// is kept as data with its media type; traceparent and
/// expirytime are heeded. `invalid` if there is no usable subject, or if data is not
/// the JSON it says it is: clients get JSON as it is.
Result<Draft> draft_from(Event event);

}  // namespace belfry
