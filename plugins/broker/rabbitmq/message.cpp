#include "plugins/broker/rabbitmq/message.hpp"

#include "plugins/broker/rabbitmq/table.hpp"

namespace belfry::rabbitmq {

namespace {

constexpr std::size_t kOverhead = 512;  // of the structures around a message, roughly

}  // namespace

amqp_basic_properties_t Message::properties(bool persistent) const {
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.delivery_mode = persistent ? AMQP_DELIVERY_PERSISTENT : AMQP_DELIVERY_NONPERSISTENT;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (!texts.at(i).empty()) {
            properties._flags |= kTexts.at(i).flag;
            properties.*kTexts.at(i).member = bytes_of(texts.at(i));
        }
    }
    if (timestamp != 0) {
        properties._flags |= AMQP_BASIC_TIMESTAMP_FLAG;
        properties.timestamp = timestamp;
    }
    if (has_priority) {
        properties._flags |= AMQP_BASIC_PRIORITY_FLAG;
        properties.priority = priority;
    }
    return properties;
}

void Message::take(const amqp_basic_properties_t& properties) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if ((properties._flags & kTexts.at(i).flag) != 0) {
            texts.at(i) = text_of(properties.*kTexts.at(i).member);
        }
    }
    if ((properties._flags & AMQP_BASIC_TIMESTAMP_FLAG) != 0) {
        timestamp = properties.timestamp;
    }
    has_priority = (properties._flags & AMQP_BASIC_PRIORITY_FLAG) != 0;
    priority = has_priority ? properties.priority : 0;
    if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0) {
        headers = encode(properties.headers);
    }
}

std::size_t Message::bytes() const {
    std::size_t sum =
        kOverhead + exchange.size() + routing_key.size() + headers.size() + body.size();
    for (const auto& one : texts) {
        sum += one.size();
    }
    return sum;
}

}  // namespace belfry::rabbitmq
