#include "tests/support/rabbitmq_client.hpp"

#include <amqp_tcp_socket.h>

#include <stdexcept>
#include <string_view>

namespace belfry::test {

namespace {

constexpr amqp_channel_t kChannel = 1;

amqp_bytes_t bytes_of(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};
}

std::string text_of(amqp_bytes_t bytes) {
    return {static_cast<const char*>(bytes.bytes), bytes.len};
}

}  // namespace

RabbitClient::RabbitClient(const std::string& url) : state_(amqp_new_connection()) {
    std::string parsed = url;
    amqp_connection_info info{};
    if (amqp_parse_url(parsed.data(), &info) != AMQP_STATUS_OK) {
        throw std::runtime_error("not an AMQP url: " + url);
    }
    auto* const socket = amqp_tcp_socket_new(state_);
    if (amqp_socket_open(socket, info.host, info.port) != AMQP_STATUS_OK) {
        throw std::runtime_error("no connection to " + url);
    }
    const auto reply = amqp_login(state_, info.vhost, 0, AMQP_DEFAULT_FRAME_SIZE, 0,
                                  AMQP_SASL_METHOD_PLAIN, info.user, info.password);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
        throw std::runtime_error("no login at " + url);
    }
    open_channel();
}

RabbitClient::~RabbitClient() { amqp_destroy_connection(state_); }

void RabbitClient::open_channel() {
    amqp_channel_open(state_, kChannel);
    require("channel");
    amqp_confirm_select(state_, kChannel);
    require("confirm.select");
}

void RabbitClient::require(const std::string& what) {
    const auto reply = amqp_get_rpc_reply(state_);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
        return;
    }
    std::string text = "lost";
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
        reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
        text = text_of(static_cast<const amqp_channel_close_t*>(reply.reply.decoded)->reply_text);
        amqp_channel_close_ok_t ok{};
        amqp_send_method(state_, kChannel, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
        open_channel();
    }
    throw std::runtime_error(what + ": " + text);
}

void RabbitClient::declare_queue(const std::string& name, bool quorum) {
    amqp_table_entry_t type{};
    type.key = bytes_of("x-queue-type");
    type.value.kind = AMQP_FIELD_KIND_UTF8;
    type.value.value.bytes = bytes_of(quorum ? "quorum" : "classic");
    amqp_queue_declare(state_, kChannel, bytes_of(name), 0, 1, 0, 0, {1, &type});
    require("declare " + name);
}

void RabbitClient::delete_queue(const std::string& name) {
    amqp_queue_delete(state_, kChannel, bytes_of(name), 0, 0);
    require("delete " + name);
}

void RabbitClient::declare_exchange(const std::string& name, const std::string& type) {
    amqp_exchange_declare(state_, kChannel, bytes_of(name), bytes_of(type), 0, 1, 0, 0,
                          amqp_empty_table);
    require("declare " + name);
}

void RabbitClient::delete_exchange(const std::string& name) {
    amqp_exchange_delete(state_, kChannel, bytes_of(name), 0);
    require("delete " + name);
}

void RabbitClient::bind(const std::string& queue, const std::string& exchange,
                        const std::string& key) {
    amqp_queue_bind(state_, kChannel, bytes_of(queue), bytes_of(exchange), bytes_of(key),
                    amqp_empty_table);
    require("bind " + queue);
}

bool RabbitClient::has_queue(const std::string& name) {
    try {
        (void)waiting(name);
        return true;
    } catch (const std::runtime_error&) {
        return false;
    }
}

std::uint64_t RabbitClient::waiting(const std::string& name) {
    const auto* queue =
        amqp_queue_declare(state_, kChannel, bytes_of(name), 1, 0, 0, 0, amqp_empty_table);
    require("look at " + name);
    return queue->message_count;
}

void RabbitClient::publish(const std::string& exchange, const std::string& key,
                           const std::string& body, const std::string& message_id) {
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
    if (!message_id.empty()) {
        properties._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
        properties.message_id = bytes_of(message_id);
    }
    publish(exchange, key, body, properties);
}

void RabbitClient::publish(const std::string& exchange, const std::string& key,
                           const std::string& body, const amqp_basic_properties_t& properties) {
    amqp_basic_publish(state_, kChannel, bytes_of(exchange), bytes_of(key), 0, 0, &properties,
                       bytes_of(body));
    amqp_frame_t frame{};
    do {
        amqp_maybe_release_buffers(state_);
        if (amqp_simple_wait_frame(state_, &frame) != AMQP_STATUS_OK) {
            throw std::runtime_error("publish to " + key + ": lost");
        }
    } while (frame.frame_type != AMQP_FRAME_METHOD);
    if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
        throw std::runtime_error("publish to " + key + ": not confirmed");
    }
}

std::optional<RabbitMessage> RabbitClient::get(const std::string& queue) {
    amqp_maybe_release_buffers(state_);
    const auto reply = amqp_basic_get(state_, kChannel, bytes_of(queue), 1);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
        throw std::runtime_error("get from " + queue);
    }
    if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) {
        return std::nullopt;
    }
    RabbitMessage message;
    const auto& got = *static_cast<const amqp_basic_get_ok_t*>(reply.reply.decoded);
    message.exchange = text_of(got.exchange);
    message.routing_key = text_of(got.routing_key);
    amqp_message_t content{};
    amqp_read_message(state_, kChannel, &content, 0);
    message.body = text_of(content.body);
    if ((content.properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0) {
        message.message_id = text_of(content.properties.message_id);
    }
    const auto& headers = content.properties.headers;
    for (int i = 0;
         (content.properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0 && i < headers.num_entries;
         ++i) {
        if (headers.entries[i].value.kind == AMQP_FIELD_KIND_UTF8) {
            message.headers[text_of(headers.entries[i].key)] =
                text_of(headers.entries[i].value.value.bytes);
        }
    }
    amqp_destroy_message(&content);
    return message;
}

}  // namespace belfry::test
