// Dead letters beyond what the conformance kit asks.
#include "tests/unit/broker_nats/node.hpp"

namespace belfry::test {
namespace {

namespace json = boost::json;

TEST_F(NatsTest, DeadLettersObeyNoOrdersOfTheOriginal) {
    Consumer consumer;
    Node node(host, server->url());
    client->make_stream("S", {"s"}, {{"allow_rollup_hdrs", true}});
    client->make_stream("r_DLQ", {"belfry.dlq.r"}, {{"allow_rollup_hdrs", true}});
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer).ok());
    for (const auto* order : {"all", "sub"}) {
        ASSERT_TRUE(node.publish({"s", order, {}, {}, {}, {{"Nats-Rollup", order}}}).ok());
        const auto seen = consumer.wait(std::string(order) == "all" ? 1 : 2).back();
        node.settle("in", seen.token, BF_SETTLED_DEAD, 0, "no\r\ngood\0at all");
    }
    testkit::eventually("both are kept", [&] { return client->count("r_DLQ") == 2; });
    for (const auto& letter : node.dead_letters("in")) {
        EXPECT_EQ(letter.headers.count("Nats-Rollup"), 0U);
        EXPECT_EQ(letter.headers.find(BF_HEADER_REASON)->second.substr(0, 2), "no");
    }
}

TEST_F(NatsTest, DeadLettersThatCannotBeWrittenAreNotAcknowledged) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer).ok());
    (void)client->ask("STREAM.DELETE.r_DLQ");
    client->publish("s", "x");
    node.settle("in", consumer.wait(1)[0].token, BF_SETTLED_DEAD, 0, "bad");
    const auto again = consumer.wait(2)[1];
    EXPECT_EQ(again.attempt, 2U);
    EXPECT_GE(host.logged("dead letter not written"), 1U);
    client->make_stream("r_DLQ", {"belfry.dlq.r"});
    node.settle("in", again.token, BF_SETTLED_DEAD, 0, "bad");
    testkit::eventually("it is kept", [&] { return client->count("r_DLQ") == 1; });
    testkit::eventually("settled", [&] { return client->open("S", "r") == 0; });
    EXPECT_EQ(node.stats("in").dead, 1U);
}

TEST_F(NatsTest, DeadLettersAreWhatTheServerGaveUp) {
    Consumer consumer;
    Node node(host, server->url());
    client->make_stream("S", {"s"}, {{"retention", "workqueue"}});
    client->make_stream("DEAD", {"belfry.dlq.r"});
    client->make_consumer("S", "r", {{"max_deliver", 6}, {"ack_wait", 300 * kMillisecond}});
    const json::object config{{"stream", "S"}, {"durable", "r"}};
    client->publish("s", "held");
    ASSERT_TRUE(node.consume("in", config, consumer, 1).ok());
    (void)consumer.wait(1);  // so that the source asks for no more
    client->publish("s", "unlucky");
    // Its deliveries go to a client that never answers.
    NatsClient::Ear ear(*client, "elsewhere");
    for (int delivery = 1; delivery <= 6; ++delivery) {
        client->request_next("S", "r", "elsewhere");
        ASSERT_EQ(ear.next(), "unlucky") << delivery;
    }
    client->request_next("S", "r", "elsewhere");  // at which the server gives it up
    testkit::eventually("it is a dead letter", [&] { return client->count("DEAD") == 1; });
    testkit::eventually("it is gone", [&] { return client->count("S") == 1; });
    const auto letter = node.dead_letters("in").at(0);
    EXPECT_EQ(letter.body, "unlucky");
    EXPECT_NE(letter.headers.find(BF_HEADER_REASON)->second.find("6"), std::string::npos);
}

TEST_F(NatsTest, DeadLettersAreReplayedWhereTheyCameFrom) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s.*"}), consumer).ok());
    ASSERT_TRUE(node.publish({"s.7", "body", "id-7"}).ok());
    for (std::size_t death = 1; death <= 3; ++death) {
        const auto one = consumer.wait(death).back();
        EXPECT_EQ(one.id, "id-7");
        EXPECT_EQ(one.destination, "s.7");
        EXPECT_EQ(one.attempt, 1U);
        node.settle("in", one.token, BF_SETTLED_DEAD, 0, "again");
        testkit::eventually("dead", [&] { return node.dead_letters("in").size() == 1; });
        EXPECT_EQ(node.replay("in").value.count, 1U);
        EXPECT_EQ(client->count("r_DLQ"), 0);
    }
    EXPECT_EQ(consumer.wait(4).back().id, "id-7");
}

}  // namespace
}  // namespace belfry::test
