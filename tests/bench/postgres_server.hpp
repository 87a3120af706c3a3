/// A PostgreSQL server for a bench.
#pragma once

#include "tests/bench/daemon.hpp"

#include <string>
#include <utility>

namespace belfry::bench {

/// In a folder of its own; ends with this, and with the process however that ends.
class PostgresServer {
public:
    /// Waits until it answers. `not_found` where PostgreSQL is not installed.
    static Result<PostgresServer> start();
    PostgresServer(PostgresServer&& other) noexcept
        : scratch_(std::move(other.scratch_)), folder_(std::exchange(other.folder_, {})),
          conninfo_(std::move(other.conninfo_)) {}
    PostgresServer& operator=(PostgresServer&&) = delete;
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;
    ~PostgresServer();

    [[nodiscard]] const std::string& conninfo() const { return conninfo_; }

private:
    explicit PostgresServer(Scratch scratch);

    Scratch scratch_;
    std::string folder_;
    std::string conninfo_;
};

}  // namespace belfry::bench
