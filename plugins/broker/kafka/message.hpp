/// Messages as the plugin keeps them.
#pragma once

#include "plugins/broker/kafka/handles.hpp"

#include <belfry/types.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::kafka {

/// Kafka has no fields for these two: they are headers there, before all others.
inline constexpr std::string_view kContentTypeHeader = "content-type";
inline constexpr std::string_view kIdHeader = "message-id";

struct Message {
    std::string destination, key, id, content_type, body, coordinates;
    std::vector<std::pair<std::string, std::string>> headers;
    std::int64_t time = 0;  ///< ns; 0: unknown
    std::uint64_t attempt = 1;

    Message() = default;
    explicit Message(const bf_message& from);
    /// As it was read.
    explicit Message(const rd_kafka_message_t& from);

    /// What it counts for in memory.
    [[nodiscard]] std::size_t bytes() const;
    /// The first of that name; empty without one.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    void erase_headers(std::string_view prefix);
    /// As librdkafka wants them.
    [[nodiscard]] HeadersPtr wire_headers() const;
};

/// Messages on their way out. What was added must live as long as this.
class Batch {
public:
    void add(const Message& message, std::uint64_t token);
    [[nodiscard]] bool empty() const { return messages_.empty(); }
    /// Borrows from this.
    [[nodiscard]] const std::vector<bf_message>& wire();

private:
    std::vector<std::vector<bf_pair>> headers_;
    std::vector<bf_message> messages_;
};

}  // namespace belfry::kafka
