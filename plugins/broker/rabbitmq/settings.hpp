/// The configuration of an instance and of its sources.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::rabbitmq {

struct Tls {
    bool used = false;
    std::string ca, cert, key;
    bool verify = true;

    bool operator==(const Tls&) const = default;
};

struct Settings {
    std::string host = "localhost";
    int port = 0;
    std::string vhost = "/";
    std::string user = "guest";
    std::string password = "guest";
    Tls tls;
    int heartbeat = 15;  ///< seconds
    int frame_max = 131'072;
    std::string connection_name = "belfry";
    std::string prefix = "belfry";
    std::string bus_exchange;

    bool operator==(const Settings&) const = default;

    /// For messages: where the broker is.
    [[nodiscard]] std::string place() const;
};

struct Exchange {
    std::string name;
    std::string type = "topic";
    bool durable = true;
};

struct Binding {
    std::string exchange;
    std::string routing_key;
    boost::json::object arguments;
};

struct Retries {
    std::uint64_t limit = 5;
    std::int64_t first = 1'000'000'000;
    double factor = 2;
    std::int64_t longest = 300'000'000'000;
};

struct SourceSettings {
    std::string queue;
    bool declares = false;
    bool is_quorum = true;
    bool durable = true;
    boost::json::object arguments;
    std::vector<Exchange> exchanges;
    std::vector<Binding> bindings;
    std::string attempts_header = "x-retry-attempts";
    std::string dead_letters;  ///< the queue's name
    std::string dead_letter_exchange;
    Retries retries;
};

/// Throws sdk::ConfigError.
[[nodiscard]] Settings parse_settings(std::string_view config);

/// Throws sdk::Failure (invalid).
[[nodiscard]] SourceSettings parse_source(std::string_view config);

/// How long a message waits after its attempt with this number; nanoseconds.
[[nodiscard]] std::int64_t delay_after(const Retries& retries, std::uint64_t attempt);

}  // namespace belfry::rabbitmq
