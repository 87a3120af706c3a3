/// Three nodes as one system, whatever their bus does.
#include "tests/simulation/cluster.hpp"

#include <gtest/gtest.h>

namespace belfry::sim {
namespace {

constexpr BusWeather kStorm{.lost = 4, .repeated = 5, .damaged = 10, .late = 6};

std::string run_cluster(std::uint64_t seed, const BusWeather& weather) {
    Cluster cluster(seed, weather);
    cluster.act(250);
    // The sweep is all that finds a lost last message.
    cluster.settle(12 * kSecond);
    cluster.check();
    return cluster.world.digest();
}

TEST(ClusterSimulation, SameSeedSameTrace) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        EXPECT_EQ(run_cluster(seed, kStorm), run_cluster(seed, kStorm)) << "seed " << seed;
    }
    EXPECT_NE(run_cluster(1, kStorm), run_cluster(2, kStorm));
}

TEST(ClusterSimulation, EveryClientSeesEveryEntryOnceAndInOrderOnABadBus) {
    for (std::uint64_t seed = 100; seed < 130; ++seed) {
        run_cluster(seed, kStorm);
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

TEST(ClusterSimulation, AndWithoutAnyBus) {
    for (std::uint64_t seed = 200; seed < 210; ++seed) {
        run_cluster(seed, {.is_cut = true});
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

TEST(ClusterSimulation, AGoodBusNeedsNoSweep) {
    Cluster cluster(7);
    cluster.settle(6 * kSecond);
    for (int i = 0; i < 200; ++i) {
        cluster.publish(*cluster.nodes[0], "topic:all");
        cluster.publish(*cluster.nodes[1], "user:1");
        cluster.settle(20 * kMillisecond);
    }
    cluster.settle(200 * kMillisecond);
    cluster.check();
    EXPECT_GT(cluster.nodes[2]->metric("belfry_bus_heard_total"), 100);
    EXPECT_EQ(cluster.nodes[2]->metric("belfry_bus_missed_total"), 0);
}

TEST(ClusterSimulation, ADeadBusIsNoticedAndMakesTheSweepQuicker) {
    Cluster cluster(8);
    cluster.settle(6 * kSecond);
    EXPECT_EQ(cluster.nodes[2]->bus().trouble(), "");
    cluster.wire.weather.is_cut = true;
    cluster.settle(8 * kSecond);
    EXPECT_TRUE(cluster.nodes[2]->bus().trouble().starts_with("nothing has been heard for"));
    for (int i = 0; i < 5; ++i) {
        cluster.publish(*cluster.nodes[1], "topic:all");
        cluster.settle(1200 * kMillisecond);
        cluster.check();
    }
    cluster.wire.weather.is_cut = false;
    cluster.settle(3 * kSecond);
    EXPECT_EQ(cluster.nodes[2]->bus().trouble(), "");
    EXPECT_GT(cluster.nodes[2]->metric("belfry_bus_missed_total"), 0);
}

TEST(ClusterSimulation, DamagedMessagesAreCounted) {
    Cluster cluster(9, {.damaged = 1});
    cluster.settle(6 * kSecond);
    cluster.publish(*cluster.nodes[1], "topic:all");
    cluster.settle(6 * kSecond);
    cluster.check();
    EXPECT_GT(cluster.nodes[2]->metric("belfry_bus_rejected_total"), 0);
    EXPECT_EQ(cluster.nodes[2]->metric("belfry_bus_heard_total"), 0);
}

/// What a slow storage does to an attach: it waits, one answer for all of a turn, and nothing is
/// missed meanwhile.
TEST(ClusterSimulation, ASlowStorageDelaysAnAttachAndLosesNothing) {
    Cluster cluster(10);
    cluster.run(kSecond);
    cluster.publish(*cluster.nodes[1], "user:0");
    cluster.run(kSecond);
    cluster.storage.delay = [] { return 3 * kSecond; };
    Client& client = *cluster.clients[0];
    cluster.nodes[2]->connect(client);
    cluster.publish(*cluster.nodes[1], "user:0");
    cluster.run(2 * kSecond);
    client.take(1 << 16);
    EXPECT_EQ(client.seen("user:0"), 0U) << "not attached yet";
    cluster.run(2 * kSecond);
    client.take(1 << 16);
    EXPECT_GT(client.seen("user:0"), 0U);
    cluster.storage.delay = nullptr;
    cluster.settle(12 * kSecond);
    cluster.check();
}

}  // namespace
}  // namespace belfry::sim
