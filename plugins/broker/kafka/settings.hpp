/// The configuration of an instance and of its sources.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::kafka {

struct Settings {
    std::string brokers;  ///< as librdkafka has them: host:port,host:port
    std::string prefix = "belfry";
    std::vector<std::pair<std::string, std::string>> properties;
    std::string sasl_password;
    std::string ssl_key_password;

    bool operator==(const Settings&) const = default;
    [[nodiscard]] std::string place() const { return "Kafka at " + brokers; }
    [[nodiscard]] std::string bus_topic() const { return prefix + ".bus"; }
};

/// Throws sdk::ConfigError naming the key.
[[nodiscard]] Settings parse_settings(std::string_view config);

/// When a message whose handling failed is delivered again.
struct Retries {
    std::uint64_t limit = 5;             ///< attempts
    std::int64_t first = 1'000'000'000;  ///< ns
    double factor = 2;
    std::int64_t longest = 300'000'000'000;  ///< ns
};

/// How long to wait after this attempt (from 1), in nanoseconds.
[[nodiscard]] std::int64_t delay_after(const Retries& retries, std::uint64_t attempt);

struct SourceSettings {
    std::vector<std::string> topics;
    std::string group;
    bool declares = false;
    std::int32_t partitions = 4;
    std::int32_t replication = 0;  ///< 0: the cluster's
    std::int64_t retention = 0;    ///< ns; 0: the cluster's
    bool starts_latest = false;
    std::string dead_letters;
    Retries retries;

    [[nodiscard]] std::string retry_topic() const { return group + ".retry"; }
    [[nodiscard]] std::string replay_group() const { return group + ".replay"; }
};

/// As kSourceSchema has it; what is missing has its default. Throws sdk::Failure (invalid), whose
/// text names the key.
[[nodiscard]] SourceSettings parse_source(std::string_view config);

}  // namespace belfry::kafka
