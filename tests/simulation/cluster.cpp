#include "tests/simulation/cluster.hpp"

#include <gtest/gtest.h>

#include <map>

namespace belfry::sim {
namespace {

constexpr int kNodes = 3;
constexpr int kClients = 9;

}  // namespace

Node::Node(World& world, Storage& storage, SimWire& wire, const std::string& name,
           std::size_t inline_bytes)
    : world_(world), core_(world.make_executor()), broker_(wire, core_) {
    ingest_.emplace(core_, storage, world, IngestSettings{}, metrics_,
                    [this](const CommittedBatch& batch) {
                        hub_->publish(batch);
                        bus_->send(*batch);
                    });
    mailbox_.emplace(*ingest_, storage, world, world, MailboxLimits{});
    std::vector<live::HubShard> hub_shards;
    for (int i = 0; i < 2; ++i) {
        auto& shard = shards_.emplace_back(std::make_unique<Shard>(world.make_executor()));
        shard->hub.emplace(shard->executor, *mailbox_, shard->interest, metrics_,
                           live::ShardHubSettings{.page_entries = 7, .page_bytes = 1500});
        shard->hub->start_sweeping();
        hub_shards.push_back({shard->executor, shard->interest, *shard->hub});
    }
    hub_.emplace(std::move(hub_shards));
    bus_.emplace(live::Bus::Parts{core_, broker_, *hub_, world, world, metrics_,
                                  [] { return std::string(); }},
                 live::BusSettings{name, 8, inline_bytes});
    core_.post([this] { bus_->start(); });
}

void Node::connect(Client& client) {
    Shard& shard = *shards_[world_.below(shards_.size())];
    client.connect(shard.executor, *shard.hub);
}

Cluster::Cluster(std::uint64_t seed, const BusWeather& weather)
    : world(seed), observer_(world.make_executor()), encoder_(transport_, dialect_) {
    wire.weather = weather;
    storage.delay = [this] { return static_cast<Nanos>(world.below(5) * kMillisecond); };
    for (int i = 0; i < kNodes; ++i) {
        // One of them sends heads only.
        nodes.push_back(std::make_unique<Node>(world, storage, wire, "n" + std::to_string(i),
                                               i == 0 ? 0 : 16 * 1024));
    }
    for (int i = 0; i < kClients; ++i) {
        clients.push_back(std::make_unique<Client>(
            world, "client" + std::to_string(i), encoder_,
            std::vector<std::string>{"user:" + std::to_string(i % 3), "topic:all"}));
    }
}

void Cluster::publish(Node& node, const std::string& stream) {
    Draft draft;
    draft.streams = {stream};
    draft.body = "n" + std::to_string(++published_);
    node.mailbox().publish(draft, [this, body = draft.body](const Result<Published>& result) {
        world.note(body + (result ? " stored" : " refused"));
        if (result) {
            accepted_.insert(body);
        }
    });
}

void Cluster::one_action() {
    Client& client = *clients[world.below(clients.size())];
    if (!client.is_connected()) {
        nodes[world.below(nodes.size())]->connect(client);
    } else if (world.chance(15)) {
        client.disconnect();
    } else {
        client.take(world.below(3000));
    }
    for (std::uint64_t i = world.below(4); i > 0; --i) {
        const std::uint64_t place = world.below(4);
        publish(*nodes[world.below(nodes.size())],
                place == 3 ? "topic:all" : "user:" + std::to_string(place));
    }
}

void Cluster::act(int actions) {
    for (int i = 0; i < actions; ++i) {
        one_action();
        run(static_cast<Nanos>(world.below(8)) * kMillisecond);
    }
}

void Cluster::settle(Nanos time) {
    for (const auto& client : clients) {
        if (!client->is_connected()) {
            nodes[world.below(nodes.size())]->connect(*client);
        }
    }
    for (const Nanos end = world.now() + time; world.now() < end; run(20 * kMillisecond)) {
        for (const auto& client : clients) {
            client->take(1 << 16);
        }
    }
}

std::uint64_t Cluster::head(const std::string& stream) {
    std::uint64_t found = 0;
    const std::vector<std::string> names{stream};
    storage.heads(names, observer_, [&found](const Result<std::vector<Head>>& heads) {
        found = heads->front().head;
    });
    run(10 * kMillisecond);
    return found;
}

void Cluster::check() {
    std::map<std::string, std::uint64_t> heads;
    std::map<std::string, int> stored;
    for (const std::string stream : {"user:0", "user:1", "user:2", "topic:all"}) {
        heads[stream] = head(stream);
        storage.read({.stream = stream, .limit = 100'000, .max_bytes = 1U << 30U}, observer_,
                     [&stored](const Result<Page>& page) {
                         for (const Entry& entry : page->entries) {
                             ++stored[entry.notification->body];
                         }
                     });
        run(10 * kMillisecond);
    }
    for (const auto& client : clients) {
        for (const std::string& stream : client->streams()) {
            EXPECT_EQ(client->seen(stream), heads[stream]) << stream;
        }
    }
    for (const std::string& body : accepted_) {
        EXPECT_EQ(stored[body], 1) << body;
    }
    EXPECT_GT(accepted_.size(), 0U);
}

}  // namespace belfry::sim
