/// A client of RabbitMQ's own kind, for what tests do beside the plugin.
#pragma once

#include <amqp.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace belfry::test {

struct RabbitMessage {
    std::string body;
    std::string exchange;
    std::string routing_key;
    std::string message_id;
    std::map<std::string, std::string> headers;  ///< texts only
};

/// One connection. Calls throw std::runtime_error with what the server says.
class RabbitClient {
public:
    explicit RabbitClient(const std::string& url);
    ~RabbitClient();
    RabbitClient(const RabbitClient&) = delete;
    RabbitClient& operator=(const RabbitClient&) = delete;

    void declare_queue(const std::string& name, bool quorum = true);
    /// Whether it was there.
    void delete_queue(const std::string& name);
    void declare_exchange(const std::string& name, const std::string& type);
    void delete_exchange(const std::string& name);
    void bind(const std::string& queue, const std::string& exchange, const std::string& key);
    [[nodiscard]] bool has_queue(const std::string& name);
    /// Messages that wait in it.
    [[nodiscard]] std::uint64_t waiting(const std::string& name);

    /// Persistent, confirmed.
    void publish(const std::string& exchange, const std::string& key, const std::string& body,
                 const std::string& message_id = {});
    /// With these properties as they are.
    void publish(const std::string& exchange, const std::string& key, const std::string& body,
                 const amqp_basic_properties_t& properties);
    /// Takes the oldest.
    [[nodiscard]] std::optional<RabbitMessage> get(const std::string& queue);

private:
    void require(const std::string& what);
    void open_channel();

    amqp_connection_state_t state_;
};

}  // namespace belfry::test
