/// Contents put together from their frames.
#pragma once

#include "plugins/broker/rabbitmq/message.hpp"

#include <amqp.h>

#include <cstdint>
#include <optional>
#include <string>

namespace belfry::rabbitmq {

/// A message that the server has sent, and the method it came with.
struct Content {
    amqp_method_number_t method = 0;  ///< AMQP_BASIC_DELIVER_METHOD or AMQP_BASIC_RETURN_METHOD
    std::uint64_t tag = 0;            ///< of a delivery
    bool redelivered = false;
    int reply_code = 0;  ///< of a return
    std::string reply_text;
    Message message;
};

/// The frames of one channel, in their order.
class Assembler {
public:
    /// A content whose last frame this is. Other frames than a content's are not for here.
    [[nodiscard]] std::optional<Content> take(const amqp_frame_t& frame);
    /// Does this frame belong to a content?
    [[nodiscard]] static bool is_part(const amqp_frame_t& frame);

private:
    void begin(const amqp_method_t& method);
    [[nodiscard]] std::optional<Content> finish();

    Content content_;
    std::uint64_t missing_ = 0;
};

}  // namespace belfry::rabbitmq
