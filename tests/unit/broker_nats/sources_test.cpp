// What a source makes of messages that others published.
#include "tests/unit/broker_nats/node.hpp"

#include <set>

namespace belfry::test {
namespace {

/// The protocol's bytes for a message with this header block.
std::string raw(const std::string& subject, const std::string& block, const std::string& body) {
    return "HPUB " + subject + " " + std::to_string(block.size()) + " " +
           std::to_string(block.size() + body.size()) + "\r\n" + block + body + "\r\n";
}

TEST_F(NatsTest, HeadersComeAsTheyWereSent) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer).ok());
    send_raw(server->port(), raw("s",
                                 "NATS/1.0\r\nce-id: 7\r\nempty:\r\nnext: value\r\n"
                                 "twice: 1\r\ntwice: 2\r\nCONTENT-TYPE: text/x\r\n"
                                 "nats-msg-id: the id\r\n\r\n",
                                 "body"));
    const auto one = consumer.wait(1)[0];
    EXPECT_EQ(one.headers.find("ce-id")->second, "7");
    EXPECT_EQ(one.headers.find("empty")->second, "");
    EXPECT_EQ(one.headers.find("next")->second, "value");
    EXPECT_EQ(one.headers.count("twice"), 2U);
    EXPECT_EQ(one.content_type, "text/x");
    EXPECT_EQ(one.id, "the id");
    EXPECT_EQ(one.body, "body");
    EXPECT_GT(one.time, 0);
}

TEST_F(NatsTest, HostileHeadersAreDeliveredAndTheNextMessageIsWhole) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer).ok());
    const std::vector<std::string> blocks{
        "NATS/1.0\r\nno colon here\r\n\r\n",
        "NATS/1.0\r\n: nameless\r\n\r\n",
        "NATS/1.0\r\n folded before all\r\n\r\n",
        "NATS/1.0\r\nkey: va\nlue\r\n\r\n",
        "NATS/1.0\r\nlast:\r\n\r\n",
        "\r\n\r\n",
        "GARBAGE\r\n\r\n",
        "NATS/1.0",
        "NATS/1.0\r\n" + std::string(3'000, ':') + "\r\n\r\n",
        "NATS/1.0\r\n\xff\xfe: \xc3\x28\r\n\r\n",
    };
    std::string all;
    for (const auto& block : blocks) {
        all += raw("s", block, "x: y\r\n\r\nz: w");
    }
    send_raw(server->port(), all);
    for (const auto& one : consumer.wait(blocks.size())) {
        EXPECT_EQ(one.body, "x: y\r\n\r\nz: w");
        node.settle("in", one.token, BF_SETTLED_DEAD, 0, "hostile");
    }
    testkit::eventually("all dead", [&] { return client->count("r_DLQ") == 10; });
    EXPECT_EQ(node.dead_letters("in").size(), blocks.size());
    client->publish("s", "good");
    EXPECT_EQ(consumer.wait(blocks.size() + 1).back().body, "good");
}

TEST_F(NatsTest, AHeaderWithANulIsDeliveredWhole) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer).ok());
    send_raw(server->port(),
             raw("s", std::string("NATS/1.0\r\nkey: a\0b\r\nnext: c\r\n\r\n", 33), "body"));
    const auto one = consumer.wait(1)[0];
    EXPECT_EQ(one.headers.find("key")->second, std::string("a\0b", 3));
    EXPECT_EQ(one.headers.find("next")->second, "c");
}

TEST_F(NatsTest, AStatusInAPublishedMessageIsNoStatus) {
    Consumer consumer;
    Node node(host, server->url());
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer).ok());
    send_raw(server->port(), raw("s", "NATS/1.0 409 Consumer Deleted\r\n\r\n", "forged") +
                                 raw("s", "NATS/1.0 408 Request Timeout\r\n\r\n", "forged"));
    client->publish("s", "after");
    EXPECT_EQ(consumer.wait(3)[2].body, "after");
    EXPECT_EQ(consumer.wait(3)[0].body, "forged");
    EXPECT_EQ(host.health("nats").state, sdk::Health::ok);
}

TEST_F(NatsTest, NodesOfOneConsumerShareItsMessages) {
    Consumer one;
    Consumer two;
    Node left(host, server->url(), {}, "left");
    Node right(host, server->url(), {}, "right");
    ASSERT_TRUE(left.consume("in", declared("S", "r", {"s"}), one, 5).ok());
    ASSERT_TRUE(right.consume("in", declared("S", "r", {"s"}), two, 5).ok());
    one.react = [&](const Delivered& d) { left.settle("in", d.token); };
    two.react = [&](const Delivered& d) { right.settle("in", d.token); };
    for (int i = 0; i < 200; ++i) {
        client->publish("s", std::to_string(i));
    }
    testkit::eventually("all settled", [&] { return client->open("S", "r") == 0; });
    std::multiset<std::string> bodies;
    for (auto* consumer : {&one, &two}) {
        for (const auto& d : consumer->wait(1)) {
            bodies.insert(d.body);
        }
    }
    EXPECT_EQ(bodies.size(), 200U);
    EXPECT_EQ(std::set<std::string>(bodies.begin(), bodies.end()).size(), 200U);
}

TEST_F(NatsTest, WhatHasArrivedIsDeliveredTogether) {
    Consumer consumer;
    Node node(host, server->url());
    client->make_stream("S", {"s"});
    for (int i = 0; i < 500; ++i) {
        client->publish("s", "x");
    }
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer, 1'000).ok());
    EXPECT_EQ(consumer.wait(500).size(), 500U);
    EXPECT_GT(consumer.largest_batch(), 1U);
}

}  // namespace
}  // namespace belfry::test
