#include "plugins/broker/rabbitmq/trouble.hpp"

#include "plugins/broker/rabbitmq/table.hpp"

namespace belfry::rabbitmq {

namespace {

bool is_refusal(int status) {
    switch (status) {
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED:
        case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
        case AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION: return true;
        default: return false;
    }
}

bool is_refusal_code(int code) {
    return code == AMQP_ACCESS_REFUSED || code == AMQP_NOT_ALLOWED || code == AMQP_INVALID_PATH;
}

}  // namespace

sdk::Failure Trouble::failure(const std::string& place) const {
    sdk::Status status = sdk::Status::unavailable;
    if (kind == Kind::refused || code == AMQP_ACCESS_REFUSED) {
        status = sdk::Status::refused;
    } else if (code == AMQP_NOT_FOUND) {
        status = sdk::Status::not_found;
    } else if (kind == Kind::channel) {
        status = sdk::Status::invalid;
    }
    return {status, place + ": " + what()};
}

Trouble library_trouble(int status) {
    return {is_refusal(status) ? Trouble::Kind::refused : Trouble::Kind::lost, 0,
            amqp_error_string2(status)};
}

Trouble close_trouble(const amqp_method_t& method) {
    if (method.id == AMQP_CHANNEL_CLOSE_METHOD) {
        const auto& close = *static_cast<const amqp_channel_close_t*>(method.decoded);
        return {Trouble::Kind::channel, close.reply_code, std::string(text_of(close.reply_text))};
    }
    const auto& close = *static_cast<const amqp_connection_close_t*>(method.decoded);
    return {is_refusal_code(close.reply_code) ? Trouble::Kind::refused : Trouble::Kind::lost,
            close.reply_code, std::string(text_of(close.reply_text))};
}

}  // namespace belfry::rabbitmq
