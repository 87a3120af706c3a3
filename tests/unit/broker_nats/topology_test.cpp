// What a source needs at the server: verified, declared, deleted and made again.
#include "tests/unit/broker_nats/node.hpp"

namespace belfry::test {
namespace {

namespace json = boost::json;

class Topology : public NatsTest {
protected:
    void SetUp() override {
        NatsTest::SetUp();
        if (server) {
            node.emplace(host, server->url());
        }
    }
    void TearDown() override {
        node.reset();
        NatsTest::TearDown();
    }
    testkit::Outcome<> verify(const json::object& more = {}) {
        json::object config{{"stream", "ORDERS"}, {"durable", "reader"}};
        for (const auto& member : more) {
            config[member.key()] = member.value();
        }
        return node->consume("in", config, consumer);
    }
    void expect_refused(const testkit::Outcome<>& outcome, const std::vector<std::string>& names,
                        sdk::Status status = sdk::Status::invalid) {
        EXPECT_EQ(outcome.status, status) << outcome.message;
        for (const auto& name : names) {
            EXPECT_NE(outcome.message.find(name), std::string::npos)
                << "expected " << name << " in: " << outcome.message;
        }
    }
    void make_all() {
        client->make_stream("ORDERS", {"orders.>"});
        client->make_stream("DEAD", {"belfry.dlq.*"});
        client->make_consumer("ORDERS", "reader", {{"ack_wait", 2 * kSecond}});
    }

    Consumer consumer;
    std::optional<Node> node;
};

TEST_F(Topology, VerifyNamesWhatIsMissing) {
    expect_refused(verify(), {"ORDERS"}, sdk::Status::not_found);
    client->make_stream("ORDERS", {"orders.>"});
    expect_refused(verify(), {"reader", "ORDERS"}, sdk::Status::not_found);
    client->make_consumer("ORDERS", "reader");
    expect_refused(verify(), {"belfry.dlq.reader"}, sdk::Status::not_found);
    client->make_stream("DEAD", {"belfry.dlq.*"});
    const auto outcome = verify();
    EXPECT_TRUE(outcome.ok()) << outcome.message;
    EXPECT_EQ(verify().status, sdk::Status::conflict);
}

TEST_F(Topology, VerifyNamesWhatDiffers) {
    client->make_stream("ORDERS", {"orders.>"});
    client->make_stream("DEAD", {"belfry.dlq.*"});
    client->make_consumer("ORDERS", "narrow", {{"filter_subject", "orders.new"}});
    expect_refused(verify({{"durable", "narrow"}, {"subjects", {"orders.old"}}}),
                   {"narrow", "filter", "orders.old", "orders.new"});
    client->make_consumer("ORDERS", "loose", {{"ack_policy", "none"}});
    expect_refused(verify({{"durable", "loose"}}), {"loose", "ack policy", "none"});
    client->make_consumer("ORDERS", "small", {{"max_ack_pending", 7}});
    expect_refused(verify({{"durable", "small"}}), {"small", "max_ack_pending", "100", "7"});
    client->make_consumer("ORDERS", "short", {{"max_deliver", 5}});
    expect_refused(verify({{"durable", "short"}}), {"short", "max_deliver", "5"});
    client->make_consumer("ORDERS", "pushing", {{"deliver_subject", "somewhere"}});
    expect_refused(verify({{"durable", "pushing"}}), {"pushing", "pull", "somewhere"});
}

TEST_F(Topology, DeclareMakesWhatIsMissingOnce) {
    auto config = declared("ORDERS", "reader", {"orders.>"});
    config["retention"] = "workqueue";
    config["storage"] = "memory";
    ASSERT_TRUE(node->consume("in", config, consumer).ok());
    const auto stream = client->ask("STREAM.INFO.ORDERS").at("config").as_object();
    EXPECT_EQ(stream.at("retention"), "workqueue");
    EXPECT_EQ(stream.at("storage"), "memory");
    EXPECT_EQ(client->count("reader_DLQ"), 0);
    const auto reader = client->ask("CONSUMER.INFO.ORDERS.reader").at("config").as_object();
    EXPECT_EQ(reader.at("max_deliver").to_number<int>(), -1);
    EXPECT_EQ(reader.at("ack_wait").to_number<std::int64_t>(), 2 * kSecond);
    ASSERT_TRUE(node->cancel("in").ok());
    EXPECT_TRUE(node->consume("in", config, consumer).ok());
}

TEST_F(Topology, TwoSourcesOfOneStreamFilter) {
    Consumer other;
    client->make_stream("ORDERS", {"orders.*"});
    ASSERT_TRUE(node->consume("a", declared("ORDERS", "a", {"orders.a"}), consumer).ok());
    ASSERT_TRUE(node->consume("b", declared("ORDERS", "b", {"orders.b"}), other).ok());
    client->publish("orders.b", "for b");
    client->publish("orders.a", "for a");
    EXPECT_EQ(consumer.wait(1)[0].body, "for a");
    EXPECT_EQ(other.wait(1)[0].body, "for b");
}

TEST_F(Topology, AConsumerThatIsDeletedIsNamedUntilItIsThereAgain) {
    make_all();
    ASSERT_TRUE(verify().ok());
    (void)client->ask("CONSUMER.DELETE.ORDERS.reader");
    const auto reason = node->wait_for_health(sdk::Health::degraded);
    EXPECT_NE(reason.find("source in"), std::string::npos) << reason;
    EXPECT_NE(reason.find("reader"), std::string::npos) << reason;
    client->publish("orders.1", "meanwhile");
    client->make_consumer("ORDERS", "reader");
    node->wait_for_health(sdk::Health::ok);
    EXPECT_EQ(consumer.wait(1)[0].body, "meanwhile");
    EXPECT_GE(node->stats("in").reconnects, 1U);
}

TEST_F(Topology, AStreamThatIsDeletedIsDeclaredAgainAndRepeatsNoCoordinates) {
    ASSERT_TRUE(node->consume("in", declared("ORDERS", "reader", {"orders.>"}), consumer).ok());
    client->publish("orders.1", "first");
    const auto first = consumer.wait(1)[0];
    (void)client->ask("STREAM.DELETE.ORDERS");
    node->wait_for_health(sdk::Health::degraded);
    node->wait_for_health(sdk::Health::ok);
    client->publish("orders.1", "second");
    const auto second = consumer.wait(2)[1];
    EXPECT_EQ(second.body, "second");
    EXPECT_NE(second.coordinates, first.coordinates);
    // The former's acknowledgement would hit the new first message.
    node->settle("in", first.token);
    node->settle("in", second.token, BF_SETTLED_RETRY, kMillisecond);
    EXPECT_EQ(consumer.wait(3)[2].body, "second");
    EXPECT_EQ(node->wait_for_health(sdk::Health::ok), "");
}

}  // namespace
}  // namespace belfry::test
