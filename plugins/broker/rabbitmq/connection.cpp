#include "plugins/broker/rabbitmq/connection.hpp"

#include "plugins/broker/rabbitmq/table.hpp"

#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace belfry::rabbitmq {

namespace {

constexpr timeval kConnect{5, 0};
constexpr timeval kAnswer{10, 0};
constexpr timeval kGoodbye{1, 0};
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kFrameOverhead = 8;  // type, channel, size, end
constexpr std::size_t kPropertiesOverhead = 12;

std::uint32_t version_of(std::string_view text) {
    std::uint32_t version = 0;
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    for (int part = 0; part < 3; ++part) {
        std::uint32_t number = 0;
        at = std::from_chars(at, end, number).ptr;
        at += at != end ? 1 : 0;
        version = version * 1'000 + std::min<std::uint32_t>(number, 999);
    }
    return version;
}

}  // namespace

Connection::Connection(const Settings& settings, std::string_view role)
    : state_(amqp_new_connection()) {
    if (state_ == nullptr) {
        throw library_trouble(AMQP_STATUS_NO_MEMORY);
    }
    open_socket(settings);
    login(settings, role);
    longest_wait_ = std::max(1, amqp_get_heartbeat(get())) * kSecond / 3;
}

Connection::~Connection() = default;

void Connection::open_socket(const Settings& settings) {
    amqp_socket_t* socket =
        settings.tls.used ? make_tls_socket(settings.tls) : amqp_tcp_socket_new(get());
    if (socket == nullptr) {
        throw library_trouble(AMQP_STATUS_NO_MEMORY);
    }
    const int status =
        amqp_socket_open_noblock(socket, settings.host.c_str(), settings.port, &kConnect);
    if (status != AMQP_STATUS_OK) {
        throw library_trouble(status);
    }
}

amqp_socket_t* Connection::make_tls_socket(const Tls& tls) {
    amqp_socket_t* socket = amqp_ssl_socket_new(get());
    if (socket == nullptr) {
        return nullptr;
    }
    amqp_ssl_socket_set_verify_peer(socket, tls.verify ? 1 : 0);
    amqp_ssl_socket_set_verify_hostname(socket, tls.verify ? 1 : 0);
    (void)amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
    if (tls.ca.empty()) {
        SSL_CTX_set_default_verify_paths(
            static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket)));
    } else if (amqp_ssl_socket_set_cacert(socket, tls.ca.c_str()) != AMQP_STATUS_OK) {
        throw Trouble(Trouble::Kind::refused, 0,
                      "tls.ca: no certificates can be read from " + tls.ca);
    }
    if (!tls.cert.empty() &&
        amqp_ssl_socket_set_key(socket, tls.cert.c_str(), tls.key.c_str()) != AMQP_STATUS_OK) {
        throw Trouble(
            Trouble::Kind::refused, 0,
            "tls: no certificate and key can be read from " + tls.cert + " and " + tls.key);
    }
    return socket;
}

void Connection::login(const Settings& settings, std::string_view role) {
    (void)amqp_set_handshake_timeout(get(), &kAnswer);
    (void)amqp_set_rpc_timeout(get(), &kAnswer);
    Table capabilities;
    for (const auto* name : {"consumer_cancel_notify", "connection.blocked", "publisher_confirms",
                             "basic.nack", "authentication_failure_close"}) {
        capabilities.add_bool(name, true);
    }
    Table properties;
    properties.add("capabilities", capabilities.get());
    properties.add("connection_name", settings.connection_name + " " + std::string(role));
    const auto table = properties.get();
    require(amqp_login_with_properties(get(), settings.vhost.c_str(), AMQP_DEFAULT_MAX_CHANNELS,
                                       settings.frame_max, settings.heartbeat, &table,
                                       AMQP_SASL_METHOD_PLAIN, settings.user.c_str(),
                                       settings.password.c_str()),
            0);
    version_ = version_of(text_at(*amqp_get_server_properties(get()), "version"));
}

std::optional<amqp_frame_t> Connection::next() {
    for (;;) {
        amqp_maybe_release_buffers(get());
        constexpr timeval kNone{};
        amqp_frame_t frame{};
        const int status = amqp_simple_wait_frame_noblock(get(), &frame, &kNone);
        if (status == AMQP_STATUS_TIMEOUT) {
            return std::nullopt;
        }
        if (status != AMQP_STATUS_OK) {
            throw library_trouble(status);
        }
        if (!take_control(frame)) {
            return frame;
        }
    }
}

bool Connection::take_control(const amqp_frame_t& frame) {
    if (frame.channel != 0 || frame.frame_type != AMQP_FRAME_METHOD) {
        return false;
    }
    const auto& method = frame.payload.method;
    if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
        throw closed_by(frame);
    }
    if (method.id == AMQP_CONNECTION_BLOCKED_METHOD) {
        const auto& blocked = *static_cast<const amqp_connection_blocked_t*>(method.decoded);
        blocked_ = blocked.reason.len == 0 ? "no reason given" : text_of(blocked.reason);
    } else if (method.id == AMQP_CONNECTION_UNBLOCKED_METHOD) {
        blocked_.clear();
    }
    return true;
}

void Connection::wait(const Wake& wake, std::int64_t patience) const {
    if (amqp_frames_enqueued(get()) != 0 || amqp_data_in_buffer(get()) != 0) {
        return;
    }
    wake.wait(amqp_get_sockfd(get()), std::min(patience, longest_wait_));
}

void Connection::open_channel(amqp_channel_t channel) {
    amqp_channel_open(get(), channel);
    require(channel);
}

void Connection::require(const amqp_rpc_reply_t& reply, amqp_channel_t channel) {
    switch (reply.reply_type) {
        case AMQP_RESPONSE_NORMAL: return;
        case AMQP_RESPONSE_SERVER_EXCEPTION: {
            auto trouble = close_trouble(reply.reply);
            acknowledge_close(channel, reply.reply.id);
            throw trouble;
        }
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: throw library_trouble(reply.library_error);
        default: throw library_trouble(AMQP_STATUS_CONNECTION_CLOSED);
    }
}

void Connection::require_sent(int status) {
    if (status != AMQP_STATUS_OK) {
        throw library_trouble(status);
    }
}

Trouble Connection::closed_by(const amqp_frame_t& frame) {
    auto trouble = close_trouble(frame.payload.method);
    acknowledge_close(frame.channel, frame.payload.method.id);
    return trouble;
}

void Connection::acknowledge_close(amqp_channel_t channel, amqp_method_number_t id) {
    if (id == AMQP_CHANNEL_CLOSE_METHOD) {
        amqp_channel_close_ok_t ok{};
        (void)amqp_send_method(get(), channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
    } else {
        amqp_connection_close_ok_t ok{};
        (void)amqp_send_method(get(), 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &ok);
    }
}

void Connection::say_goodbye() {
    (void)amqp_set_rpc_timeout(get(), &kGoodbye);
    (void)amqp_connection_close(get(), AMQP_REPLY_SUCCESS);
}

std::size_t Connection::frame_room() const {
    return static_cast<std::size_t>(amqp_get_frame_max(get())) - kFrameOverhead -
           kPropertiesOverhead;
}

void Cutter::hold(const Connection& connection) {
    release();
    const std::lock_guard lock(mutex_);
    file_ = ::dup(amqp_get_sockfd(connection.get()));
}

void Cutter::release() {
    const std::lock_guard lock(mutex_);
    if (file_ >= 0) {
        ::close(std::exchange(file_, -1));
    }
}

void Cutter::cut() {
    const std::lock_guard lock(mutex_);
    if (file_ >= 0) {
        ::shutdown(file_, SHUT_RDWR);
    }
}

}  // namespace belfry::rabbitmq
