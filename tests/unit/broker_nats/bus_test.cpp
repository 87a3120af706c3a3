// The bus beyond what the conformance kit asks.
#include "tests/unit/broker_nats/node.hpp"

#include <numeric>

namespace belfry::test {
namespace {

TEST_F(NatsTest, BusUsesOneSubjectForEachPartitionAndOneSubscription) {
    Hearer hearer;
    Node node(host, server->url(), {{"prefix", "dep.loyment"}});
    std::vector<std::uint32_t> all(65'536);
    std::iota(all.begin(), all.end(), 0U);
    ASSERT_TRUE(node.listen(all, hearer).ok());
    NatsClient::Ear ear(*client, "dep.loyment.bus.65535");
    node.broadcast(65'535, std::string("a\0b", 3));
    EXPECT_EQ(ear.next(), std::string("a\0b", 3));
    EXPECT_EQ(hearer.wait(1)[0], (std::pair<std::uint32_t, std::string>(65'535, {"a\0b", 3})));
    client->send("dep.loyment.bus.7x", "forged");
    client->send("dep.loyment.bus.99999999999", "forged");
    client->send("dep.loyment.bus.7", "good");
    EXPECT_EQ(hearer.wait(2)[1].second, "good");
}

TEST_F(NatsTest, BusIsHeardAgainAfterARestart) {
    Hearer hearer;
    Node node(host, server->url());
    ASSERT_TRUE(node.listen({1}, hearer).ok());
    server->kill();
    node.wait_for_health(sdk::Health::down);
    node.broadcast(1, "lost");
    server->start();
    node.wait_for_health(sdk::Health::ok);
    testkit::eventually("heard", [&] {
        node.broadcast(1, "after");
        return hearer.count() > 0;
    });
    EXPECT_EQ(hearer.wait(1)[0].second, "after");
    EXPECT_GE(host.metric("nats", "nats_bus_lost_total"), 1);
}

}  // namespace
}  // namespace belfry::test
