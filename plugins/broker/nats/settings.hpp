/// The configuration of an instance and of its sources.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::nats {

struct Tls {
    std::string ca_file;
    std::string certificate_file;
    std::string key_file;
    std::string server_name;
    bool verify = true;

    bool operator==(const Tls&) const = default;
};

struct Settings {
    std::vector<std::string> servers{"nats://127.0.0.1:4222"};
    std::string name = "belfry";
    std::string user;
    std::string password;
    std::string token;
    std::string nkey;
    std::string nkey_seed_file;
    std::string credentials_file;
    std::optional<Tls> tls;
    std::string prefix = "belfry";
    std::vector<std::string> core_subjects;
    std::int64_t connect_timeout = 2'000'000'000;
    std::int64_t request_timeout = 5'000'000'000;

    bool operator==(const Settings&) const = default;

    /// For messages: the servers.
    [[nodiscard]] std::string place() const;
    [[nodiscard]] bool is_core(std::string_view subject) const;
};

struct RetrySchedule {
    std::uint64_t limit = 5;
    std::int64_t first = 1'000'000'000;
    double factor = 2;
    std::int64_t longest = 300'000'000'000;

    /// How long after the attempt (1 = the first) the next one comes.
    [[nodiscard]] std::int64_t delay_after(std::uint64_t attempt) const;
};

struct SourceSettings {
    std::string stream;  ///< empty: a plain subscription
    std::string durable;
    std::vector<std::string> subjects;
    std::string queue = "belfry";
    bool declare = false;
    std::string retention = "limits";
    std::string storage = "file";
    std::int64_t replicas = 1;
    std::string deliver = "all";
    std::int64_t ack_wait = 60'000'000'000;
    RetrySchedule retry;
    std::string dead_letters;  ///< empty: there are none

    /// For messages: "stream ORDERS, consumer belfry".
    [[nodiscard]] std::string place() const;
};

/// Throws sdk::ConfigError.
[[nodiscard]] Settings parse_settings(std::string_view config);

/// Throws sdk::Failure (invalid). `prefix`: of the instance.
[[nodiscard]] SourceSettings parse_source(std::string_view config, const std::string& prefix);

}  // namespace belfry::nats
