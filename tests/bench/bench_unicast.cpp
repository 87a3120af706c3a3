#include "tests/bench/benches.hpp"
#include "tests/bench/daemon.hpp"
#include "tests/bench/unicast.hpp"

namespace belfry::bench {
namespace {

constexpr std::size_t kUsers = 100;
constexpr std::size_t kBatch = 100;
constexpr std::size_t kBatchesInFlight = 8;
constexpr std::size_t kPublishers = 32;
constexpr std::size_t kPacedPublishers = 8;
constexpr std::size_t kPacedCount = 5000;
constexpr Nanos kPacedInterval = kMillisecond;
constexpr Nanos kWarmUp = 300 * kMillisecond;
constexpr Nanos kDuration = 2 * kSecond;
constexpr int kRepetitions = 3;
constexpr double kAimPerSecond = 20'000;
constexpr double kAimP99 = 20;  ///< milliseconds

class Measurement {
public:
    Measurement(const Machine& machine, Unicast& unicast) : machine_(machine), unicast_(unicast) {}

    Result<Figures> run() {
        Result<> done = batched(1);
        if (done) {
            done = batched(kUsers);
        }
        if (done) {
            done = singles();
        }
        if (done) {
            done = paced();
        }
        return done ? Result<Figures>(std::move(figures_)) : std::unexpected(done.error());
    }

private:
    /// The median of some runs.
    Result<double> repeat(const Unicast::Load& load, const std::string& what) {
        if (const auto warm = unicast_.run_closed(load, kWarmUp); !warm) {
            return warm;
        }
        std::vector<double> all;
        for (int i = 0; i < kRepetitions; ++i) {
            const auto rate = unicast_.run_closed(load, kDuration);
            if (!rate) {
                return rate;
            }
            progress("unicast: " + what + ": " + std::to_string(static_cast<std::uint64_t>(*rate)) +
                     "/s");
            all.push_back(*rate);
        }
        return median(std::move(all));
    }

    Result<> batched(std::size_t users) {
        const std::string to = std::to_string(users) + (users == 1 ? " mailbox" : " mailboxes");
        const auto rate = repeat({.requests = {unicast_.batch(kBatch, users)},
                                  .entries = kBatch,
                                  .in_flight = kBatchesInFlight},
                                 "batches to " + to);
        if (!rate) {
            return std::unexpected(rate.error());
        }
        add({"unicast",
             "batched_to_" + std::to_string(users),
             *rate,
             "1/s",
             {"aim", kAimPerSecond},
             std::to_string(kBatch) + " in a request, " + std::to_string(kBatchesInFlight) +
                 " requests in flight, to " + to + ", median of " + std::to_string(kRepetitions)});
        return {};
    }

    [[nodiscard]] std::vector<Stamped> single_requests() const {
        std::vector<Stamped> requests;
        requests.reserve(kUsers);
        for (std::size_t user = 0; user < kUsers; ++user) {
            requests.push_back(unicast_.single(user));
        }
        return requests;
    }

    Result<> singles() {
        const auto rate =
            repeat({.requests = single_requests(), .publishers = kPublishers}, "one by one");
        if (!rate) {
            return std::unexpected(rate.error());
        }
        add({"unicast",
             "single",
             *rate,
             "1/s",
             {},
             "one in a request, one request in flight on each of " + std::to_string(kPublishers) +
                 " connections, to " + std::to_string(kUsers) + " mailboxes, median of " +
                 std::to_string(kRepetitions)});
        return {};
    }

    Result<> paced() {
        const auto latencies =
            unicast_.run_paced({.requests = single_requests(), .publishers = kPacedPublishers},
                               kPacedInterval, kPacedCount);
        if (!latencies) {
            return std::unexpected(latencies.error());
        }
        const std::string conditions = "1,000/s one by one for 5 s on " +
                                       std::to_string(kPacedPublishers) + " connections, to " +
                                       std::to_string(kUsers) +
                                       " mailboxes, from when it was due to the client";
        add({"unicast", "p50", latencies->milliseconds(0.5), "ms", {}, conditions});
        add({"unicast", "p99", latencies->milliseconds(0.99), "ms", {"aim", kAimP99}, conditions});
        return {};
    }

    void add(Figure figure) {
        figure.conditions += "; durable in SQLite (full) and delivered; " + machine_.describe();
        figures_.push_back(std::move(figure));
    }

    const Machine& machine_;
    Unicast& unicast_;
    Figures figures_;
};

}  // namespace

Result<Figures> run_unicast(const Machine& machine) {
    return with_daemon(machine, [&machine](Daemon& daemon) -> Result<Figures> {
        Poller poller;
        Unicast unicast(poller, daemon);
        if (auto attached = unicast.attach(kUsers); !attached) {
            return std::unexpected(attached.error());
        }
        return Measurement(machine, unicast).run();
    });
}

}  // namespace belfry::bench
