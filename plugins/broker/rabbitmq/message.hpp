/// A message as AMQP has it.
#pragma once

#include <amqp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace belfry::rabbitmq {

/// The properties that are texts, by their place in Message::texts.
enum class Text : std::uint8_t {
    content_type,
    content_encoding,
    correlation_id,
    reply_to,
    expiration,
    message_id,
    type,
    user_id,
    app_id,
    cluster_id,
};

struct TextProperty {
    amqp_flags_t flag;
    amqp_bytes_t amqp_basic_properties_t::* member;
    std::string_view header;  ///< as which it is delivered; empty where bf_message has a member
};

inline constexpr std::array<TextProperty, 10> kTexts{{
    {AMQP_BASIC_CONTENT_TYPE_FLAG, &amqp_basic_properties_t::content_type, ""},
    {AMQP_BASIC_CONTENT_ENCODING_FLAG, &amqp_basic_properties_t::content_encoding,
     "amqp-content-encoding"},
    {AMQP_BASIC_CORRELATION_ID_FLAG, &amqp_basic_properties_t::correlation_id,
     "amqp-correlation-id"},
    {AMQP_BASIC_REPLY_TO_FLAG, &amqp_basic_properties_t::reply_to, "amqp-reply-to"},
    {AMQP_BASIC_EXPIRATION_FLAG, &amqp_basic_properties_t::expiration, "amqp-expiration"},
    {AMQP_BASIC_MESSAGE_ID_FLAG, &amqp_basic_properties_t::message_id, ""},
    {AMQP_BASIC_TYPE_FLAG, &amqp_basic_properties_t::type, "amqp-type"},
    {AMQP_BASIC_USER_ID_FLAG, &amqp_basic_properties_t::user_id, "amqp-user-id"},
    {AMQP_BASIC_APP_ID_FLAG, &amqp_basic_properties_t::app_id, "amqp-app-id"},
    {AMQP_BASIC_CLUSTER_ID_FLAG, &amqp_basic_properties_t::cluster_id, "amqp-cluster-id"},
}};
inline constexpr std::string_view kPriorityHeader = "amqp-priority";
inline constexpr std::size_t kLongestShort = 255;  ///< bytes of a routing key or such a text

struct Message {
    std::string exchange;
    std::string routing_key;
    std::array<std::string, kTexts.size()> texts;
    std::uint64_t timestamp = 0;  ///< seconds; 0 = none
    bool has_priority = false;
    std::uint8_t priority = 0;
    std::string headers;  ///< a table as table.hpp encodes it
    std::string body;

    bool operator==(const Message&) const = default;

    [[nodiscard]] std::string& text(Text which) {
        return texts.at(static_cast<std::size_t>(which));
    }
    [[nodiscard]] const std::string& text(Text which) const {
        return texts.at(static_cast<std::size_t>(which));
    }
    /// Without its headers; borrows from this.
    [[nodiscard]] amqp_basic_properties_t properties(bool persistent) const;
    /// What such properties say, headers included.
    void take(const amqp_basic_properties_t& properties);
    /// What it counts for against a limit.
    [[nodiscard]] std::size_t bytes() const;
};

}  // namespace belfry::rabbitmq
