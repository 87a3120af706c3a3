/// What RabbitMQ or the network did to a connection.
#pragma once

#include <belfry/types.hpp>

#include <amqp.h>

#include <stdexcept>
#include <string>

namespace belfry::rabbitmq {

/// Thrown where the library is called, caught by the thread that owns the connection.
struct Trouble : std::runtime_error {
    enum class Kind : std::uint8_t {
        lost,     ///< the connection is gone
        refused,  ///< the server does not let us in: who, where, or with which certificate
        channel,  ///< the server has closed a channel; the connection stands
    };

    Trouble(Kind what_kind, int reply, const std::string& text)
        : std::runtime_error(text), kind(what_kind), code(reply) {}

    Kind kind;
    int code;  ///< AMQP's reply code; 0 without one

    /// As the outcome of the call that could not be done.
    [[nodiscard]] sdk::Failure failure(const std::string& place) const;
};

/// The library's own error.
[[nodiscard]] Trouble library_trouble(int status);
/// What a server's close says.
[[nodiscard]] Trouble close_trouble(const amqp_method_t& method);

}  // namespace belfry::rabbitmq
