/// Publishing to connected mailboxes.
#pragma once

#include "tests/bench/audience.hpp"
#include "tests/bench/daemon.hpp"
#include "tests/bench/publisher.hpp"
#include "tests/bench/stamped.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace belfry::bench {

/// Users with one session each, and connections of a producer. The requests of a run are sent in
/// turn.
class Unicast {
public:
    /// All outlive this. What is published at `daemon` is received there, or at another node.
    Unicast(Poller& poller, const Daemon& daemon) : Unicast(poller, daemon, daemon) {}
    Unicast(Poller& poller, const Daemon& daemon, const Daemon& receiving);

    Result<> attach(std::size_t users);

    /// One notification for a user.
    [[nodiscard]] Stamped single(std::size_t user) const;
    /// `count` notifications in one request, to the first `users` in turn.
    [[nodiscard]] Stamped batch(std::size_t count, std::size_t users) const;

    struct Load {
        std::vector<Stamped> requests;
        std::size_t entries = 1;     ///< that a request causes
        std::size_t publishers = 1;  ///< connections to use
        std::size_t in_flight = 1;   ///< requests on each
    };
    /// Entries per second, from the first write until the last is with its user.
    Result<double> run_closed(Load load, Nanos duration);
    /// A request every `interval`, whatever is answered. Each latency counts from when its request
    /// was due.
    Result<Samples> run_paced(Load load, Nanos interval, std::size_t count);

private:
    [[nodiscard]] Result<> connect(std::size_t publishers);
    [[nodiscard]] bool is_all_there(std::uint64_t entries) const;
    [[nodiscard]] Result<> check(Result<> done, std::uint64_t entries) const;

    Poller& poller_;
    const Daemon& daemon_;
    const std::string token_;
    Audience audience_;
    std::vector<std::unique_ptr<Publisher>> publishers_;
};

}  // namespace belfry::bench
