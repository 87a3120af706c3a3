#include "plugins/broker/rabbitmq/assembler.hpp"

#include "plugins/broker/rabbitmq/table.hpp"

#include <algorithm>
#include <utility>

namespace belfry::rabbitmq {

bool Assembler::is_part(const amqp_frame_t& frame) {
    if (frame.frame_type == AMQP_FRAME_METHOD) {
        const auto id = frame.payload.method.id;
        return id == AMQP_BASIC_DELIVER_METHOD || id == AMQP_BASIC_RETURN_METHOD;
    }
    return frame.frame_type == AMQP_FRAME_HEADER || frame.frame_type == AMQP_FRAME_BODY;
}

std::optional<Content> Assembler::take(const amqp_frame_t& frame) {
    switch (frame.frame_type) {
        case AMQP_FRAME_METHOD: begin(frame.payload.method); return std::nullopt;
        case AMQP_FRAME_HEADER:
            content_.message.take(
                *static_cast<const amqp_basic_properties_t*>(frame.payload.properties.decoded));
            missing_ = frame.payload.properties.body_size;
            return missing_ == 0 ? finish() : std::nullopt;
        default: {
            const auto part = text_of(frame.payload.body_fragment);
            content_.message.body += part;
            missing_ -= std::min<std::uint64_t>(missing_, part.size());
            return missing_ == 0 ? finish() : std::nullopt;
        }
    }
}

void Assembler::begin(const amqp_method_t& method) {
    content_ = Content{};
    content_.method = method.id;
    if (method.id == AMQP_BASIC_DELIVER_METHOD) {
        const auto& deliver = *static_cast<const amqp_basic_deliver_t*>(method.decoded);
        content_.tag = deliver.delivery_tag;
        content_.redelivered = deliver.redelivered != 0;
        content_.message.exchange = text_of(deliver.exchange);
        content_.message.routing_key = text_of(deliver.routing_key);
    } else {
        const auto& back = *static_cast<const amqp_basic_return_t*>(method.decoded);
        content_.reply_code = back.reply_code;
        content_.reply_text = text_of(back.reply_text);
        content_.message.exchange = text_of(back.exchange);
        content_.message.routing_key = text_of(back.routing_key);
    }
}

std::optional<Content> Assembler::finish() { return std::exchange(content_, Content{}); }

}  // namespace belfry::rabbitmq
