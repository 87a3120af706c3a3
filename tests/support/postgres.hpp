/// PostgreSQL for tests: the server of the ctest fixture, or one of the test's own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace belfry::test {

/// How to reach the server that BELFRY_POSTGRES (an address) or BELFRY_POSTGRES_FILE (a file with
/// one) names; nothing where there is none, and the test is to be skipped.
std::optional<std::string> postgres_address();

/// The first column of what `sql` gives; NULL as "". Throws pqxx's exceptions.
std::vector<std::string> postgres_query(const std::string& address, const std::string& sql);

/// The name of a schema that nobody uses; the schema goes with this.
class PostgresSchema {
public:
    explicit PostgresSchema(std::string address);
    ~PostgresSchema();
    PostgresSchema(const PostgresSchema&) = delete;
    PostgresSchema& operator=(const PostgresSchema&) = delete;

    [[nodiscard]] const std::string& address() const { return address_; }
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    std::string address_;
    std::string name_;
};

/// A server in a temporary folder, with fsync; it ends with this. Calls wait until it has happened
/// and throw std::runtime_error where it does not.
class PostgresServer {
public:
    /// `settings`: such as "synchronous_commit=off".
    explicit PostgresServer(std::vector<std::string> settings = {});
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    /// The same after a restart.
    [[nodiscard]] const std::string& address() const { return address_; }
    [[nodiscard]] int port() const { return port_; }
    /// SIGKILL to the server and all its processes.
    void kill();
    void stop();
    /// After kill or stop, with the data that is there.
    void start();

private:
    std::filesystem::path folder_;
    std::vector<std::string> settings_;
    std::string address_;
    int port_ = 0;
};

}  // namespace belfry::test
