/// Looks at queues and exchanges, and declares them, on a channel of its own: RabbitMQ closes the
/// channel of a question whose answer is no.
#pragma once

#include "plugins/broker/rabbitmq/connection.hpp"
#include "plugins/broker/rabbitmq/table.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace belfry::rabbitmq {

/// On the connection's thread. Calls throw Trouble; one of Trouble::Kind::channel leaves it usable.
class Probe {
public:
    explicit Probe(Connection& connection) : connection_(connection) {}

    /// How many messages wait in the queue.
    std::uint64_t find_queue(const std::string& name);
    /// The same; nothing where the queue cannot be asked.
    std::optional<std::uint64_t> waiting(const std::string& name);
    void find_exchange(const std::string& name);
    void declare_queue(const std::string& name, bool durable, const Table& arguments);
    void declare_exchange(const std::string& name, const std::string& type, bool durable);
    void bind(const std::string& queue, const std::string& exchange, const std::string& routing_key,
              const Table& arguments);

private:
    static constexpr amqp_channel_t kChannel = 2;

    void open();
    void require();

    Connection& connection_;
    bool is_open_ = false;
};

}  // namespace belfry::rabbitmq
