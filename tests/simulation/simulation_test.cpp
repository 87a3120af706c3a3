/// The core, whole and in one thread, against everything that goes wrong around it.
#include "daemon/live/belfry_v1.hpp"
#include "daemon/live/hub.hpp"
#include "daemon/mailbox/mailbox.hpp"
#include "tests/simulation/client.hpp"
#include "tests/simulation/world.hpp"
#include "tests/support/memory_storage.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>

namespace belfry::sim {
namespace {

/// How much goes wrong.
struct Weather {
    std::uint64_t lost_batch = 8;   ///< one batch in so many never reaches the shards
    std::uint64_t fault = 10;       ///< one commit in so many fails or has an unknown outcome
    std::uint64_t disconnect = 12;  ///< one action in so many ends a connection
    bool trims = true;
};

class Deployment {
public:
    Deployment(std::uint64_t seed, const Weather& weather)
        : world_(seed), weather_(weather), core_(world_.make_executor()),
          encoder_(transport_, dialect_) {
        storage_.delay = [this] { return static_cast<Nanos>(world_.below(5) * kMillisecond); };
        storage_.commit_fault = [this] { return fault(); };
        ingest_.emplace(core_, storage_, world_, IngestSettings{}, metrics_,
                        [this](const CommittedBatch& batch) { publish_batch(batch); });
        mailbox_.emplace(*ingest_, storage_, world_, world_, MailboxLimits{});
        for (int i = 0; i < kShards; ++i) {
            auto& shard = shards_.emplace_back(std::make_unique<Shard>(world_.make_executor()));
            shard->hub.emplace(shard->executor, *mailbox_, shard->interest, metrics_,
                               live::ShardHubSettings{.page_entries = 7, .page_bytes = 1500});
            shard->hub->start_sweeping();
        }
        std::vector<live::HubShard> hub_shards;
        for (const auto& shard : shards_) {
            hub_shards.push_back({shard->executor, shard->interest, *shard->hub});
        }
        hub_.emplace(std::move(hub_shards));
        for (int i = 0; i < kClients; ++i) {
            clients_.push_back(std::make_unique<Client>(
                world_, "client" + std::to_string(i), encoder_,
                std::vector<std::string>{"user:" + std::to_string(i % 3), "topic:all"}));
        }
    }

    ~Deployment() { clients_.clear(); }

    void act(int actions) {
        for (int i = 0; i < actions; ++i) {
            one_action();
            world_.run_until(world_.now() + static_cast<Nanos>(world_.below(8) * kMillisecond));
        }
    }

    /// Everything works again, and every client gets the time to take what there is.
    void heal() {
        weather_ = {.lost_batch = 0, .fault = 0, .disconnect = 0, .trims = false};
        for (const auto& client : clients_) {
            if (!client->is_connected()) {
                connect(*client);
            }
        }
        for (int i = 0; i < 400; ++i) {
            for (const auto& client : clients_) {
                client->take(1 << 16);
            }
            world_.run_until(world_.now() + 50 * kMillisecond);
        }
    }

    void check() {
        for (const auto& client : clients_) {
            for (const std::string& stream : client->streams()) {
                EXPECT_EQ(client->seen(stream), head(stream)) << stream;
            }
        }
        const auto stored = stored_bodies();
        for (const auto& [body, count] : stored) {
            EXPECT_EQ(count, 1) << body << " is stored more than once";
        }
        for (const std::string& body : accepted_) {
            EXPECT_TRUE(weather_was_trimmed_ || stored.contains(body)) << body << " is lost";
        }
        EXPECT_GT(accepted_.size(), 0U);
    }

    std::string digest() { return world_.digest(); }
    [[nodiscard]] std::size_t notes() const { return world_.notes(); }

private:
    static constexpr int kShards = 3;
    static constexpr int kClients = 9;

    struct Shard {
        explicit Shard(SimExecutor& home) : executor(home) {}
        SimExecutor& executor;
        live::Interest interest;
        std::optional<live::ShardHub> hub;
    };

    std::optional<test::CommitFault> fault() {
        if (weather_.fault == 0 || !world_.chance(weather_.fault)) {
            return std::nullopt;
        }
        switch (world_.below(3)) {
            case 0: return test::CommitFault{{Code::unavailable, "disk full"}, false};
            case 1: return test::CommitFault{{Code::retry, "connection lost"}, false};
            default: return test::CommitFault{{Code::retry, "connection lost"}, true};
        }
    }

    void publish_batch(const CommittedBatch& batch) {
        if (weather_.lost_batch == 0 || !world_.chance(weather_.lost_batch)) {
            hub_->publish(batch);
        }
    }

    void one_action() {
        Client& client = *clients_[world_.below(clients_.size())];
        if (!client.is_connected()) {
            connect(client);
        } else if (weather_.disconnect != 0 && world_.chance(weather_.disconnect)) {
            client.disconnect();
        } else {
            client.take(world_.below(3000));
        }
        for (std::uint64_t i = world_.below(4); i > 0; --i) {
            publish();
        }
        if (weather_.trims && world_.chance(40)) {
            trim();
        }
    }

    void connect(Client& client) {
        Shard& shard = *shards_[world_.below(shards_.size())];
        client.connect(shard.executor, *shard.hub);
    }

    void publish() {
        Draft draft;
        const std::uint64_t place = world_.below(4);
        draft.streams = {place == 3 ? "topic:all" : "user:" + std::to_string(place)};
        draft.body = "n" + std::to_string(++published_);
        if (world_.chance(2)) {
            draft.source = "sim";
            draft.event_id = draft.body;
        }
        mailbox_->publish(draft, [this, body = draft.body](const Result<Published>& result) {
            world_.note(body + (result ? " stored" : " refused"));
            if (result) {
                accepted_.insert(body);
            }
        });
    }

    void trim() {
        weather_was_trimmed_ = true;
        Group group;
        group.emplace_back(Trim{{}, 0, 30, 0, 1000});
        ingest_->submit(std::move(group), [](const Result<std::vector<OpResult>>&) {});
    }

    std::uint64_t head(const std::string& stream) {
        std::uint64_t found = 0;
        const std::vector<std::string> names{stream};
        storage_.heads(names, core_, [&found](const Result<std::vector<Head>>& heads) {
            found = heads->front().head;
        });
        world_.run_until(world_.now() + 100 * kMillisecond);
        return found;
    }

    std::map<std::string, int> stored_bodies() {
        std::map<std::string, int> bodies;
        for (const std::string stream : {"user:0", "user:1", "user:2", "topic:all"}) {
            ReadQuery query;
            query.stream = stream;
            query.limit = 100'000;
            query.max_bytes = 1 << 30;
            storage_.read(query, core_, [&bodies](const Result<Page>& page) {
                for (const Entry& entry : page->entries) {
                    ++bodies[entry.notification->body];
                }
            });
            world_.run_until(world_.now() + 100 * kMillisecond);
        }
        return bodies;
    }

    World world_;
    Weather weather_;
    bool weather_was_trimmed_ = false;
    SimExecutor& core_;
    Metrics metrics_;
    test::MemoryStorage storage_;
    LineTransport transport_;
    live::BelfryV1 dialect_;
    live::Encoder encoder_;
    std::optional<Ingest> ingest_;
    std::optional<Mailbox> mailbox_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::optional<live::Hub> hub_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::set<std::string> accepted_;
    int published_ = 0;
};

std::string run(std::uint64_t seed, const Weather& weather) {
    Deployment deployment(seed, weather);
    deployment.act(150);
    deployment.heal();
    deployment.check();
    EXPECT_GT(deployment.notes(), 100U);
    return deployment.digest();
}

TEST(Simulation, SameSeedSameTrace) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        EXPECT_EQ(run(seed, {}), run(seed, {})) << "seed " << seed;
    }
}

TEST(Simulation, OtherSeedOtherTrace) { EXPECT_NE(run(1, {}), run(2, {})); }

TEST(Simulation, EveryClientSeesEveryEntryOnceAndInOrder) {
    for (std::uint64_t seed = 100; seed < 300; ++seed) {
        run(seed, {});
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
}

TEST(Simulation, NothingAcceptedIsLost) {
    for (std::uint64_t seed = 300; seed < 500; ++seed) {
        run(seed, {.fault = 3, .trims = false});
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
}

TEST(Simulation, HealsWithoutAnyBatchReachingTheShards) {
    for (std::uint64_t seed = 500; seed < 540; ++seed) {
        run(seed, {.lost_batch = 1, .trims = false});
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace belfry::sim
