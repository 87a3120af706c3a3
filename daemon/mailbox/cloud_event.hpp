/// CloudEvents 1.0 as brokers carry them.
#pragma once

#include "daemon/mailbox/rejection.hpp"
#include "daemon/plugin/broker.hpp"

#include <map>
#include <string>
#include <string_view>

namespace belfry {

/// Whether it says of itself that it is one, be it a broken one: by its media type (structured
/// mode) or by a header with a required attribute (binary mode) as one of the bindings writes it:
/// "ce-id" (HTTP, NATS), "ce_id" (Kafka), "cloudEvents_id" and "cloudEvents:id" (AMQP).
bool is_cloud_event(const Message& message);

/// Required attributes are there, specversion is 1.0, texts are UTF-8 without control characters;
/// data is kept byte for byte. Extensions become Event::attributes. A `time` that is none is left
/// out.
Accepted<Event> read_cloud_event(Message message);

// ---- for the two modes --------------------------------------------------------------------------

using CloudAttributes = std::map<std::string, std::string>;  ///< by name

/// a-z and 0-9: what another name is, is left out.
bool is_attribute_name(std::string_view name);
/// Without data. Takes the standard attributes out of `attributes`; the rest are extensions.
Accepted<Event> to_event(CloudAttributes attributes);
/// A message whose body is the event format JSON.
Accepted<Event> read_structured_event(const std::string& body);

}  // namespace belfry
