/// Several nodes as one system: by the bus of each broker that is there, and by the sweep alone.
#include "tests/bench/benches.hpp"
#include "tests/bench/daemon.hpp"
#include "tests/bench/postgres_server.hpp"
#include "tests/bench/unicast.hpp"

#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

namespace belfry::bench {
namespace {

constexpr std::size_t kNodes = 3;
constexpr std::size_t kUsers = 100;
constexpr std::size_t kPublishers = 8;
constexpr Nanos kWarmUp = kSecond;
constexpr double kAimP99 = 25;  ///< milliseconds

/// How often, and how many in all.
struct Pace {
    Nanos interval;
    std::size_t count;
    const char* name;
};
constexpr Pace kByBus{2 * kMillisecond, 2500, "500/s one by one for 5 s"};
constexpr Pace kBySweep{20 * kMillisecond, 500, "50/s one by one for 10 s"};

/// A broker's server and what a profile says of it.
struct BusServer {
    Scratch scratch;
    Child child;
    std::string sections;
};

Result<BusServer> start_nats(const Machine& machine) {
    if (!std::filesystem::exists(machine.folder + "/../../plugins/nats.so")) {
        return fail(Code::not_found, "THE PLUGIN NATS IS NOT BUILT AND THEREFORE NOT MEASURED");
    }
    auto scratch = Scratch::make();
    const auto port = find_port();
    if (!scratch || !port) {
        return std::unexpected(!scratch ? scratch.error() : port.error());
    }
    const std::string address = std::to_string(*port);
    auto child = Child::start({"/usr/sbin/nats-server", "--addr", "127.0.0.1", "--port", address},
                              machine.server_core, scratch->file("log"));
    if (!child) {
        return std::unexpected(child.error());
    }
    return BusServer{std::move(*scratch), std::move(*child),
                     "brokers: {main: {plugin: nats, config: {servers: [\"nats://127.0.0.1:" +
                         address + "\"]}}}\nbus: {broker: main}\n"};
}

class Cluster {
public:
    static Result<Cluster> start(const Machine& machine, const std::string& sections) {
        Cluster cluster;
        std::string secret;
        for (std::size_t number = 0; number < kNodes; ++number) {
            auto node =
                Daemon::start(machine, {"bench-" + std::to_string(number), sections, secret});
            if (!node) {
                return std::unexpected(node.error());
            }
            secret = node->secret();
            cluster.nodes_.push_back(std::move(*node));
        }
        return cluster;
    }

    /// -> from when each was due at the first node to its client at the last.
    Result<Samples> measure(const Pace& pace) {
        Poller poller;
        Unicast unicast(poller, nodes_.front(), nodes_.back());
        if (auto attached = unicast.attach(kUsers); !attached) {
            return std::unexpected(attached.error());
        }
        std::vector<Stamped> requests;
        for (std::size_t user = 0; user < kUsers; ++user) {
            requests.push_back(unicast.single(user));
        }
        // Nodes have heard each other, and the storage has its connections.
        std::this_thread::sleep_for(std::chrono::nanoseconds(kWarmUp));
        auto samples = unicast.run_paced({.requests = requests, .publishers = kPublishers},
                                         pace.interval, pace.count);
        if (!samples) {
            return std::unexpected(nodes_.back().explain(std::move(samples.error())));
        }
        return samples;
    }

    Result<> stop() {
        for (Daemon& node : nodes_) {
            if (auto stopped = node.stop(); !stopped) {
                return stopped;
            }
        }
        return {};
    }

private:
    std::vector<Daemon> nodes_;
};

Result<> measure(const Machine& machine, const std::string& name, const std::string& sections,
                 Figures& figures) {
    auto cluster = Cluster::start(machine, sections);
    if (!cluster) {
        return std::unexpected(cluster.error());
    }
    const bool has_bus = sections.contains("bus:");
    const Pace& pace = has_bus ? kByBus : kBySweep;
    const auto samples = cluster->measure(pace);
    if (!samples) {
        return std::unexpected(samples.error());
    }
    const std::string conditions = std::string(pace.name) + ", to " + std::to_string(kUsers) +
                                   " mailboxes, published at one of three nodes, from when it was "
                                   "due to the client of another; durable in PostgreSQL; " +
                                   machine.describe();
    const Reference aim = has_bus ? Reference{"aim", kAimP99} : Reference{};
    figures.push_back({"cluster", name + "_p50", samples->milliseconds(0.5), "ms", {}, conditions});
    figures.push_back(
        {"cluster", name + "_p99", samples->milliseconds(0.99), "ms", aim, conditions});
    return cluster->stop();
}

std::string storage_section(const PostgresServer& server, const std::string& schema) {
    return "storage: {plugin: postgresql, config: {connection: \"" + server.conninfo() +
           "\", schema: " + schema + "}}\n";
}

}  // namespace

Result<Figures> run_cluster(const Machine& machine) {
    auto postgres = PostgresServer::start();
    if (!postgres) {
        return std::unexpected(postgres.error());
    }
    Figures figures;
    if (auto nats = start_nats(machine)) {
        const auto done =
            measure(machine, "nats", storage_section(*postgres, "nats") + nats->sections, figures);
        if (!done) {
            return std::unexpected(done.error());
        }
    } else {
        progress("*** " + nats.error().message);
    }
    if (auto done = measure(machine, "sweep", storage_section(*postgres, "sweep"), figures);
        !done) {
        return std::unexpected(done.error());
    }
    return figures;
}

}  // namespace belfry::bench
