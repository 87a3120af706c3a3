#include "plugins/broker/rabbitmq/probe.hpp"

namespace belfry::rabbitmq {

std::uint64_t Probe::find_queue(const std::string& name) {
    open();
    const auto* queue = amqp_queue_declare(connection_.get(), kChannel, bytes_of(name), 1, 0, 0, 0,
                                           amqp_empty_table);
    require();
    return queue->message_count;
}

std::optional<std::uint64_t> Probe::waiting(const std::string& name) {
    try {
        return find_queue(name);
    } catch (const Trouble& trouble) {
        if (trouble.kind != Trouble::Kind::channel) {
            throw;
        }
        return std::nullopt;
    }
}

void Probe::find_exchange(const std::string& name) {
    open();
    amqp_exchange_declare(connection_.get(), kChannel, bytes_of(name), amqp_empty_bytes, 1, 0, 0, 0,
                          amqp_empty_table);
    require();
}

void Probe::declare_queue(const std::string& name, bool durable, const Table& arguments) {
    open();
    amqp_queue_declare(connection_.get(), kChannel, bytes_of(name), 0, durable ? 1 : 0, 0, 0,
                       arguments.get());
    require();
}

void Probe::declare_exchange(const std::string& name, const std::string& type, bool durable) {
    open();
    amqp_exchange_declare(connection_.get(), kChannel, bytes_of(name), bytes_of(type), 0,
                          durable ? 1 : 0, 0, 0, amqp_empty_table);
    require();
}

void Probe::bind(const std::string& queue, const std::string& exchange,
                 const std::string& routing_key, const Table& arguments) {
    open();
    amqp_queue_bind(connection_.get(), kChannel, bytes_of(queue), bytes_of(exchange),
                    bytes_of(routing_key), arguments.get());
    require();
}

void Probe::open() {
    if (!is_open_) {
        connection_.open_channel(kChannel);
        is_open_ = true;
    }
}

void Probe::require() {
    try {
        connection_.require(kChannel);
    } catch (const Trouble&) {
        is_open_ = false;
        throw;
    }
}

}  // namespace belfry::rabbitmq
