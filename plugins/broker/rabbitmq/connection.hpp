/// One connection to the server.
#pragma once

#include "plugins/broker/rabbitmq/settings.hpp"
#include "plugins/broker/rabbitmq/trouble.hpp"
#include "plugins/broker/rabbitmq/wake.hpp"

#include <amqp.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace belfry::rabbitmq {

/// All calls on the thread that made it, except those of a Cutter. Calls throw Trouble; after one
/// that is not Trouble::Kind::channel only the destructor is left.
class Connection {
public:
    /// Connects and logs in; waits for at most some seconds each. `role` is shown by the server.
    Connection(const Settings& settings, std::string_view role);
    /// Ends the connection without a goodbye: what is not acknowledged goes back to the queues.
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// For the library's calls.
    [[nodiscard]] amqp_connection_state_t get() const { return state_.get(); }

    /// The next frame that is there; what it points to lives until the next call. Sends a heartbeat
    /// where one is due.
    [[nodiscard]] std::optional<amqp_frame_t> next();
    /// Until there is a frame, `wake` is notified, or for so many nanoseconds; never longer than
    /// heartbeats allow.
    void wait(const Wake& wake, std::int64_t patience) const;

    void open_channel(amqp_channel_t channel);
    /// What the last of the library's remote calls on that channel says; a close is answered.
    void require(amqp_channel_t channel) { require(amqp_get_rpc_reply(get()), channel); }
    void require(const amqp_rpc_reply_t& reply, amqp_channel_t channel);
    /// What a call that only sends says.
    static void require_sent(int status);
    /// Answers a close that came as a frame. For throwing.
    [[nodiscard]] Trouble closed_by(const amqp_frame_t& frame);

    /// Waits until the server has everything and knows the end, for at most a second.
    void say_goodbye();

    /// Why the server takes no messages at the moment; empty where it does.
    [[nodiscard]] const std::string& blocked() const { return blocked_; }
    /// The server's version, such as 3010008 for 3.10.8.
    [[nodiscard]] std::uint32_t server_version() const { return version_; }
    /// Bytes that fit into one frame beside what surrounds them.
    [[nodiscard]] std::size_t frame_room() const;

private:
    struct Destroy {
        void operator()(amqp_connection_state_t state) const { amqp_destroy_connection(state); }
    };
    using State = std::unique_ptr<amqp_connection_state_t_, Destroy>;

    void open_socket(const Settings& settings);
    amqp_socket_t* make_tls_socket(const Tls& tls);
    void login(const Settings& settings, std::string_view role);
    /// True where it was about the connection itself.
    bool take_control(const amqp_frame_t& frame);
    void acknowledge_close(amqp_channel_t channel, amqp_method_number_t id);

    State state_;
    std::string blocked_;
    std::uint32_t version_ = 0;
    std::int64_t longest_wait_ = 0;
};

/// Lets another thread cut a connection whose thread is stuck in the library.
class Cutter {
public:
    Cutter() = default;
    ~Cutter() { release(); }
    Cutter(const Cutter&) = delete;
    Cutter& operator=(const Cutter&) = delete;

    /// From now on `connection` is what is cut.
    void hold(const Connection& connection);
    void release();
    /// Any thread.
    void cut();

private:
    std::mutex mutex_;
    int file_ = -1;  ///< a descriptor of its own: the library closes its one when it likes
};

}  // namespace belfry::rabbitmq
