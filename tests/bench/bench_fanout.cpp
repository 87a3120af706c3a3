#include "tests/bench/benches.hpp"
#include "tests/bench/daemon.hpp"
#include "tests/bench/fan_out.hpp"
#include "tests/bench/floor.hpp"
#include "tests/bench/stamped.hpp"

#include <array>
#include <memory>
#include <optional>

namespace belfry::bench {
namespace {

constexpr std::size_t kClients = 1000;
constexpr std::array<std::size_t, 3> kBatches{1, 8, 32};
constexpr int kRepetitions = 3;
constexpr Nanos kWarmUp = 200 * kMillisecond;
constexpr Nanos kDuration = kSecond;
constexpr std::string_view kTopic = "topic:bench";

/// The rounds of one server with one size of batches.
struct Series {
    std::vector<double> per_second, p99, frame_bytes;

    void add(const FanOut::Round& round) {
        per_second.push_back(round.per_second);
        p99.push_back(round.p99);
        frame_bytes.push_back(round.frame_bytes);
    }
};

struct Pair {
    Series belfry, floor;
};

class Comparison {
public:
    Comparison(FanOut& belfry, FanOut& floor) : belfry_(belfry), floor_(floor) {}

    /// One after the other, first the one and then the other in turn.
    Result<Pair> compare(std::size_t batch) {
        Pair pair;
        for (FanOut* server : {&floor_, &belfry_}) {
            if (auto warm = server->run(batch, kWarmUp); !warm) {
                return std::unexpected(warm.error());
            }
        }
        for (int i = 0; i < 2 * kRepetitions; ++i) {
            const bool is_floor = (i % 4 == 0) || (i % 4 == 3);
            const auto round = (is_floor ? floor_ : belfry_).run(batch, kDuration);
            if (!round) {
                return std::unexpected(round.error());
            }
            (is_floor ? pair.floor : pair.belfry).add(*round);
            progress(std::string("fanout: batches of ") + std::to_string(batch) + ", " +
                     (is_floor ? "floor" : "belfry") + ": " +
                     std::to_string(static_cast<std::uint64_t>(round->per_second)) +
                     " delivered/s");
        }
        return pair;
    }

private:
    FanOut& belfry_;
    FanOut& floor_;
};

Figure figure_of(const std::string& name, const std::string& unit,
                 const std::vector<double>& belfry, const std::vector<double>& floor,
                 const std::string& conditions) {
    return {"fanout", name, median(belfry), unit, {"floor", median(floor)}, conditions};
}

void append(Figures& figures, const Pair& pair, std::size_t batch, const Machine& machine) {
    const std::string suffix = "_batch_" + std::to_string(batch);
    const std::string conditions =
        std::to_string(kClients) + " WebSocket sessions on one topic, " +
        std::to_string(kBodyBytes) + "-byte bodies, " + std::to_string(batch) +
        " published at once, " + machine.describe() + ", median of " + std::to_string(kRepetitions);
    const auto& [belfry, floor] = pair;
    figures.push_back(
        figure_of("delivered" + suffix, "1/s", belfry.per_second, floor.per_second, conditions));
    figures.push_back(figure_of("p99" + suffix, "ms", belfry.p99, floor.p99, conditions));
    if (batch == kBatches.back()) {
        figures.push_back(
            figure_of("frame", "B", belfry.frame_bytes, floor.frame_bytes, "mean of all frames"));
    }
}

Result<Figures> compare_all(const Machine& machine, Daemon& daemon, const Floor& floor) {
    Poller poller;
    FanOut belfry_fan_out(poller, daemon.script(std::string(kTopic)),
                          post_request("/v1/notifications", daemon.producer_token(),
                                       R"({"to":")" + std::string(kTopic) + R"(","body":")" +
                                           stampable_body() + "\"}"));
    FanOut floor_fan_out(poller, {.port = floor.port(), .path = "/"},
                         post_request("/", {}, stampable_body()));
    for (FanOut* server : {&floor_fan_out, &belfry_fan_out}) {
        if (auto attached = server->attach(kClients); !attached) {
            return std::unexpected(attached.error());
        }
    }
    Comparison comparison(belfry_fan_out, floor_fan_out);
    Figures figures;
    for (const std::size_t batch : kBatches) {
        const auto pair = comparison.compare(batch);
        if (!pair) {
            return std::unexpected(pair.error());
        }
        append(figures, *pair, batch, machine);
    }
    return figures;
}

}  // namespace

Result<Figures> run_fanout(const Machine& machine) {
    auto floor = Floor::start(machine);
    if (!floor) {
        return std::unexpected(floor.error());
    }
    auto figures =
        with_daemon(machine, [&](Daemon& daemon) { return compare_all(machine, daemon, *floor); });
    const auto stopped = floor->stop();
    return figures && !stopped ? std::unexpected(stopped.error()) : std::move(figures);
}

}  // namespace belfry::bench
