/// One server with its audience on one topic, and how fast it fans out.
#pragma once

#include "tests/bench/audience.hpp"
#include "tests/bench/publisher.hpp"

#include <cstddef>
#include <string>

namespace belfry::bench {

/// Publishes in batches. A batch is written in one go; the next follows when all of it is answered
/// and at most one batch is not yet with every client: the server always has work, and no queue
/// grows.
class FanOut {
public:
    /// `request` publishes one stampable body.
    FanOut(Poller& poller, Script script, std::string request);

    Result<> attach(std::size_t clients);

    struct Round {
        double per_second = 0;  ///< entries delivered, from the first write to the last arrival
        double p99 = 0;         ///< milliseconds from the write to the arrival
        double frame_bytes = 0;
    };
    /// Every client gets every entry once, or it is an error.
    Result<Round> run(std::size_t batch, Nanos duration);

private:
    Poller& poller_;
    std::uint16_t port_;
    Audience audience_;
    Publisher publisher_;
    std::string request_;
};

}  // namespace belfry::bench
