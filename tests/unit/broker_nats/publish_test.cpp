// Publishing: confirmed by a stream, or plain where the profile says so.
#include "tests/unit/broker_nats/node.hpp"

namespace belfry::test {
namespace {

namespace json = boost::json;

TEST_F(NatsTest, PublishIsConfirmedByAStream) {
    Node node(host, server->url());
    client->make_stream("S", {"s.>"});
    ASSERT_TRUE(node.publish({"s.1", "body"}).ok());
    EXPECT_EQ(client->count("S"), 1);
    EXPECT_EQ(node.publish({"elsewhere", "body"}).status, sdk::Status::not_found);
}

TEST_F(NatsTest, PublishOfAnIdIsKeptOnce) {
    Node node(host, server->url());
    client->make_stream("S", {"s.>"});
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(node.publish({"s.1", "body", "id-1"}).ok());
    }
    ASSERT_TRUE(node.publish({"s.1", "body", "id-2"}).ok());
    EXPECT_EQ(client->count("S"), 2);
}

TEST_F(NatsTest, PublishOfACoreSubjectNeedsNoStreamAndNobodyWhoListens) {
    Node node(host, server->url(), {{"core_subjects", {"notify.*"}}});
    EXPECT_TRUE(node.publish({"notify.6", "into the void"}).ok());
    NatsClient::Ear ear(*client, "notify.7");
    ASSERT_TRUE(node.publish({"notify.7", R"({"id":1})"}).ok());
    EXPECT_EQ(ear.next(), R"({"id":1})");
    EXPECT_EQ(node.publish({"notify.a.b", "x"}).status, sdk::Status::not_found);
}

TEST_F(NatsTest, PublishRefusesWhatCannotBeSent) {
    Node node(host, server->url());
    client->make_stream("S", {"s.>"});
    for (const auto* destination : {"", "s.*", "s.>", "s..1", "s 1", "s.1\r\nPUB x 0\r\n", ".s"}) {
        EXPECT_EQ(node.publish({destination, "x"}).status, sdk::Status::invalid) << destination;
    }
    const auto with_header = [&](const std::string& name, const std::string& value) {
        return node.publish({"s.1", "x", {}, {}, {}, {{name, value}}}).status;
    };
    EXPECT_EQ(with_header("a b", "x"), sdk::Status::invalid);
    EXPECT_EQ(with_header("a:b", "x"), sdk::Status::invalid);
    EXPECT_EQ(with_header("a", "x\r\nb: y"), sdk::Status::invalid);
    EXPECT_EQ(with_header("a", std::string("x\0y", 3)), sdk::Status::invalid);
    EXPECT_EQ(node.publish({"s.1", std::string(2'000'000, 'x')}).status, sdk::Status::invalid);
    EXPECT_TRUE(node.publish({"s.1", "still here"}).ok());
    EXPECT_EQ(client->count("S"), 1);
}

TEST_F(NatsTest, PublishIsBounded) {
    Node node(host, server->url());
    client->make_stream("S", {"s.>"});
    server->freeze();
    std::vector<testkit::Pending<>> all;
    for (int i = 0; i < 5'000; ++i) {
        all.push_back(node.begin_publish({"s.1", "x"}));
    }
    const auto refused = all.back().wait();
    EXPECT_EQ(refused.status, sdk::Status::retry);
    EXPECT_GT(refused.retry_after, 0);
    server->thaw();
    int confirmed = 0;
    for (const auto& pending : all) {
        confirmed += pending.wait().ok() ? 1 : 0;
    }
    EXPECT_GE(confirmed, 4'000);
    EXPECT_EQ(host.metric("nats", "nats_unconfirmed"), 0);
}

TEST_F(NatsTest, PublishSaysWhatTheStreamRefuses) {
    Node node(host, server->url());
    client->make_stream("S", {"s"}, {{"max_msgs", 1}, {"discard", "new"}});
    client->make_stream("T", {"t"}, {{"max_msg_size", 10}});
    ASSERT_TRUE(node.publish({"s", "1"}).ok());
    EXPECT_EQ(node.publish({"s", "2"}).status, sdk::Status::retry);
    EXPECT_EQ(node.publish({"t", "longer than ten"}).status, sdk::Status::invalid);
}

}  // namespace
}  // namespace belfry::test
