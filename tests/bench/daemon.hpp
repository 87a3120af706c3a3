/// The real daemon with its real plugins, as this build made them.
#pragma once

#include "daemon/identity/tokens.hpp"
#include "tests/bench/audience.hpp"
#include "tests/bench/child.hpp"
#include "tests/bench/figure.hpp"
#include "tests/bench/machine.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace belfry::bench {

/// A folder on a real disk that ends with this object.
class Scratch {
public:
    static Result<Scratch> make();
    Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    Scratch& operator=(Scratch&& other) noexcept {
        std::swap(path_, other.path_);
        return *this;
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch();

    [[nodiscard]] std::string file(std::string_view name) const;

private:
    explicit Scratch(std::string path) : path_(std::move(path)) {}

    std::string path_;
};

/// What makes a daemon one of several.
struct NodeOptions {
    std::string node = "bench";
    std::string sections = {};  ///< YAML: the storage, and what is beside it; empty = SQLite
    std::string secret = {};    ///< for tokens; empty = a new one
};

/// belfryd on one core with one shard, SQLite with synchronous=full, and everything else at its
/// default.
class Daemon {
public:
    /// Ready when it returns; else an error with the last lines of what it said.
    static Result<Daemon> start(const Machine& machine, const NodeOptions& options = {});

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// A token of user "bench-NUMBER".
    [[nodiscard]] std::string user_token(std::size_t number) const;
    [[nodiscard]] std::string producer_token() const;
    [[nodiscard]] const std::string& secret() const { return secret_; }
    /// How its WebSocket clients attach, each one another user; `stream` may be empty.
    [[nodiscard]] Script script(std::string stream) const;
    [[nodiscard]] Result<std::size_t> resident_bytes() const { return child_.resident_bytes(); }
    /// SIGTERM; an error where it does not end well.
    Result<> stop();
    /// Adds to an error how the daemon ended, if it did, and what it said.
    [[nodiscard]] Error explain(Error error);

private:
    Daemon(Scratch scratch, Child child, std::uint16_t port, std::string secret);
    [[nodiscard]] std::string issue(PrincipalKind kind, std::string id) const;

    Scratch scratch_;
    Child child_;
    std::uint16_t port_;
    std::string secret_;
};

std::string user_name(std::size_t number);

/// Starts a daemon, measures, and stops it. What goes wrong is told with what the daemon said.
Result<Figures> with_daemon(const Machine& machine,
                            const std::function<Result<Figures>(Daemon&)>& measure);

}  // namespace belfry::bench
