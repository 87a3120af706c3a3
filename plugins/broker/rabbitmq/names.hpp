/// Names of this plugin's own headers, beside those of abi/broker.h.
#pragma once

#include <string_view>

namespace belfry::rabbitmq {

/// What tells a message without message_id from all others: its coordinates.
inline constexpr std::string_view kStampHeader = "belfry-id";
/// bf_message.key, for which AMQP has no place.
inline constexpr std::string_view kKeyHeader = "belfry-key";
/// Where the message was first published; its routing key is BF_HEADER_DESTINATION.
inline constexpr std::string_view kExchangeHeader = "belfry-exchange";
/// A message that waits for its next attempt carries its own headers, as a table, in this one.
inline constexpr std::string_view kHeadersHeader = "belfry-headers";
/// RabbitMQ's own count of deliveries that were not acknowledged; only quorum queues have it.
inline constexpr std::string_view kDeliveryCount = "x-delivery-count";

}  // namespace belfry::rabbitmq
