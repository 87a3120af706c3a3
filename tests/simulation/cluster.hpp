/// Several nodes over one storage, with a bus between them.
#pragma once

#include "daemon/live/belfry_v1.hpp"
#include "daemon/live/bus.hpp"
#include "tests/simulation/client.hpp"
#include "tests/simulation/sim_bus.hpp"
#include "tests/support/memory_storage.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace belfry::sim {

/// One daemon's core, with two shards.
class Node {
public:
    Node(World& world, Storage& storage, SimWire& wire, const std::string& name,
         std::size_t inline_bytes);

    void connect(Client& client);
    Mailbox& mailbox() { return *mailbox_; }
    Ingest& ingest() { return *ingest_; }
    live::Bus& bus() { return *bus_; }
    double metric(const std::string& name) { return metrics_.counter(name, "").Value(); }

private:
    struct Shard {
        explicit Shard(SimExecutor& home) : executor(home) {}
        SimExecutor& executor;
        live::Interest interest;
        std::optional<live::ShardHub> hub;
    };

    World& world_;
    SimExecutor& core_;
    SimBroker broker_;
    Metrics metrics_;
    std::optional<Ingest> ingest_;
    std::optional<Mailbox> mailbox_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::optional<live::Hub> hub_;
    std::optional<live::Bus> bus_;
};

class Cluster {
public:
    explicit Cluster(std::uint64_t seed, const BusWeather& weather = {});
    ~Cluster() { clients.clear(); }

    /// Publishes, reads slowly, disconnects and comes back on other nodes.
    void act(int actions);
    /// Everybody is connected and takes what there is.
    void settle(Nanos time);
    /// P1 and P2.
    void check();
    void publish(Node& node, const std::string& stream);
    void run(Nanos time) { world.run_until(world.now() + time); }

    World world;
    belfry::test::MemoryStorage storage;
    SimWire wire{world};
    std::vector<std::unique_ptr<Node>> nodes;
    std::vector<std::unique_ptr<Client>> clients;

private:
    void one_action();
    std::uint64_t head(const std::string& stream);

    SimExecutor& observer_;
    live::BelfryV1 dialect_;
    LineTransport transport_;
    live::Encoder encoder_;
    std::set<std::string> accepted_;
    int published_ = 0;
};

}  // namespace belfry::sim
