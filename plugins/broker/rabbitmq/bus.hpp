/// The bus between nodes: one exchange, one queue of its own per node, on its own connection and
/// thread.
#pragma once

#include "plugins/broker/rabbitmq/assembler.hpp"
#include "plugins/broker/rabbitmq/backoff.hpp"
#include "plugins/broker/rabbitmq/connection.hpp"
#include "plugins/broker/rabbitmq/shared.hpp"

#include <belfry/broker.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace belfry::rabbitmq {

/// Any thread. It connects when it is first used.
class Bus {
public:
    explicit Bus(Shared& shared);
    ~Bus();
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

    void listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                sdk::Done<> done);
    void broadcast(std::uint32_t partition, sdk::Bytes message);
    /// Waits for the thread.
    void stop();

private:
    struct Request {
        std::set<std::uint32_t> partitions;
        sdk::Listener listener;
        sdk::Done<> done;
    };
    struct Shout {
        std::uint32_t partition = 0;
        std::string message;
    };

    void run();
    void connect();
    void serve();
    void take(const amqp_frame_t& frame);
    void hear(const Message& message) const;
    void obey();
    void rebind();
    void bind(std::uint32_t partition);
    void send_all();
    void send(const Shout& shout);
    void lose(const sdk::Failure& failure);
    void wait_to_reconnect();
    void start_thread();
    void tell(const sdk::Failure* failure);
    [[nodiscard]] bool is_stopped() const;

    Shared& shared_;
    sdk::Metric lost_;
    sdk::Metric reconnects_;
    Wake wake_;
    Cutter cutter_;

    mutable std::mutex mutex_;  // guards the next six
    std::thread thread_;
    std::vector<Request> requests_;
    std::deque<Shout> outbox_;
    std::size_t outbox_bytes_ = 0;
    bool is_away_ = false;  ///< the connection is gone
    bool is_stopped_ = false;

    // Of the thread.
    std::unique_ptr<Connection> connection_;
    Assembler assembler_;
    Backoff backoff_;
    std::string queue_;
    std::set<std::uint32_t> wanted_;
    std::set<std::uint32_t> bound_;
    sdk::Listener listener_;
    std::vector<sdk::Done<>> listening_;  ///< to be completed
};

}  // namespace belfry::rabbitmq
