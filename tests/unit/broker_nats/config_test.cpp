// What check, create and start make of a configuration.
#include "tests/unit/broker_nats/node.hpp"

namespace belfry::test {
namespace {

namespace json = boost::json;

std::string refusal_of(const std::string& config) {
    testkit::Host host;
    return testkit::Plugin::load(host, BELFRY_TEST_PLUGIN).check(config).value_or("");
}

struct Bad {
    std::string config;
    std::string names;
};

TEST(Config, NamesWhatIsWrong) {
    const std::vector<Bad> all{
        {"[]", "JSON object"},
        {R"({"servers": []})", "servers"},
        {R"({"servers": ["http://a"]})", "servers"},
        {R"({"servers": ["nats://"]})", "servers"},
        {R"({"servers": ["nats://a b"]})", "servers"},
        {R"({"servers": "nats://a"})", "servers"},
        {R"({"prefix": "a..b"})", "prefix"},
        {R"({"prefix": "a.>"})", "prefix"},
        {R"({"core_subjects": ["a b"]})", "core_subjects"},
        {R"({"user": "u"})", "password"},
        {R"({"user": "u", "password": "p", "token": "t"})", "several"},
        {R"({"nkey": "UABC"})", "nkey_seed_file"},
        {R"({"tls": {"certificate_file": "/a"}})", "key_file"},
        {R"({"request_timeout": 0})", "request_timeout"},
    };
    for (const auto& bad : all) {
        EXPECT_NE(refusal_of(bad.config).find(bad.names), std::string::npos)
            << bad.config << ": " << refusal_of(bad.config);
    }
    EXPECT_EQ(refusal_of("{}"), "");
}

TEST(Config, RepeatsNoSecret) {
    const auto refusal = refusal_of(R"({"servers": ["nats://user:hunter2@host"]})");
    EXPECT_NE(refusal.find("servers"), std::string::npos);
    EXPECT_EQ(refusal.find("hunter2"), std::string::npos) << refusal;
}

testkit::Outcome<> start_with(testkit::Host& host, const std::string& config) {
    auto instance = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN).create("nats", config);
    return instance.try_start();
}

TEST(Config, StartNamesTheServerThatIsNotThere) {
    testkit::Host host;
    const auto outcome = start_with(host, node_config("nats://127.0.0.1:1"));
    EXPECT_EQ(outcome.status, sdk::Status::unavailable);
    EXPECT_NE(outcome.message.find("127.0.0.1:1"), std::string::npos) << outcome.message;
    EXPECT_EQ(host.violations(), std::vector<std::string>{});
}

TEST(Config, StartNamesTheFileThatCannotBeRead) {
    testkit::Host host;
    const auto outcome = start_with(
        host, node_config("tls://localhost:1", {{"tls", {{"ca_file", "/no/such/file"}}}}));
    EXPECT_EQ(outcome.status, sdk::Status::invalid);
    EXPECT_NE(outcome.message.find("/no/such/file"), std::string::npos) << outcome.message;
}

TEST_F(NatsTest, TheNextServerOfTheListWillDo) {
    Node node(host, "", {{"servers", json::array{"nats://127.0.0.1:1", server->url()}}});
    client->make_stream("S", {"s"});
    EXPECT_TRUE(node.publish({"s", "x"}).ok());
}

TEST_F(NatsTest, ApplyTakesTheSameAndAsksForARestartForAnother) {
    Node node(host, server->url());
    EXPECT_EQ(node.instance().apply(node_config(server->url())), BF_APPLIED);
    EXPECT_EQ(node.instance().apply(node_config(server->url(), {{"prefix", "other"}})),
              BF_APPLY_RESTART);
}

}  // namespace
}  // namespace belfry::test
