#include "daemon/config/profile.hpp"

#include "daemon/config/schema.hpp"
#include "tests/unit/config/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>
#include <string>

namespace belfry::config::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void expect_default_limits(const Limits& limits) {
    EXPECT_EQ(limits.http.request_line, 8192U);
    EXPECT_EQ(limits.http.headers, 16384U);
    EXPECT_EQ(limits.http.header_count, 100U);
    EXPECT_EQ(limits.http.body, 262144U);
    EXPECT_EQ(limits.http.header_time, 5 * kSecond);
    EXPECT_EQ(limits.http.body_time, 30 * kSecond);
    EXPECT_EQ(limits.http.idle, 60 * kSecond);
    EXPECT_EQ(limits.http.pipeline, 64U);
    EXPECT_EQ(limits.session.auth_time, 5 * kSecond);
    EXPECT_EQ(limits.session.ping, 25 * kSecond);
    EXPECT_EQ(limits.session.pong, 8 * kSecond);
    EXPECT_EQ(limits.session.message, 65536U);
    EXPECT_EQ(limits.session.queue_bytes, 65536U);
    EXPECT_EQ(limits.session.queue_messages, 256U);
    EXPECT_EQ(limits.session.stuck, 30 * kSecond);
    EXPECT_EQ(limits.connections, 0U);
}

void expect_default_engine(const EngineSettings& engine) {
    EXPECT_EQ(engine.shards, 0U);
    EXPECT_EQ(engine.ingest.queue, 8192U);
    EXPECT_EQ(engine.ingest.queue_bytes, std::size_t{64} << 20U);
    EXPECT_EQ(engine.ingest.batch, 512U);
    EXPECT_EQ(engine.ingest.wait, 2 * kMillisecond);
}

void expect_default_identity(const IdentitySettings& identity) {
    EXPECT_EQ(identity.tokens.issuer, "belfry");
    EXPECT_EQ(identity.tokens.audience, "belfry");
    EXPECT_EQ(identity.tokens.algorithm, "HS256");
    EXPECT_EQ(identity.tokens.lifetime, 24 * 3600 * kSecond);
    EXPECT_EQ(identity.passwords.memory, std::size_t{19} << 20U);
    EXPECT_EQ(identity.passwords.passes, 2U);
    EXPECT_EQ(identity.passwords.threads, 0U);
    EXPECT_EQ(identity.passwords.queue, 64U);
    EXPECT_EQ(identity.passwords.min_length, 8U);
    EXPECT_FALSE(identity.is_registration_open);
}

void expect_defaults(const Profile& profile) {
    EXPECT_EQ(profile.node, "host");
    EXPECT_EQ(profile.state, "/var/lib/belfry");
    EXPECT_EQ(profile.log.level, log::Level::info);
    EXPECT_EQ(profile.log.format, log::Format::automatic);
    expect_default_engine(profile.engine);
    ASSERT_EQ(profile.listeners.size(), 1U);
    EXPECT_EQ(profile.listeners[0].name, "public");
    EXPECT_EQ(to_string(profile.listeners[0].address), "127.0.0.1:8480");
    EXPECT_TRUE(profile.listeners[0].serves.api);
    EXPECT_TRUE(profile.listeners[0].serves.deliveries);
    EXPECT_TRUE(profile.listeners[0].serves.apps);
    EXPECT_FALSE(profile.listeners[0].serves.admin);
    EXPECT_EQ(to_string(profile.admin), "127.0.0.1:8481");
    EXPECT_EQ(profile.control_socket, "/run/belfry/belfry.sock");
    expect_default_limits(profile.limits);
    expect_default_identity(profile.identity);
    EXPECT_TRUE(profile.identity.tokens.secret.empty());
    EXPECT_THAT(profile.plugins.directories, ElementsAre(HasSubstr("/belfry/plugins")));
    EXPECT_EQ(profile.plugins.probe_time, 5 * kSecond);
    EXPECT_EQ(profile.storage.name, "storage");
    EXPECT_EQ(profile.storage.plugin, "sqlite");
    EXPECT_TRUE(profile.storage.required);
    ASSERT_EQ(profile.deliveries.size(), 1U);
    EXPECT_EQ(profile.deliveries[0].name, "websocket");
    EXPECT_EQ(profile.deliveries[0].plugin, "websocket");
    EXPECT_TRUE(profile.deliveries[0].required);
    EXPECT_EQ(profile.deliveries[0].config.kind, Node::Kind::map);
    EXPECT_TRUE(profile.brokers.empty());
    EXPECT_TRUE(profile.apps.empty());
    EXPECT_TRUE(profile.sources.empty());
    EXPECT_FALSE(profile.bus.has_value());
    EXPECT_FALSE(profile.presence.is_enabled);
    EXPECT_EQ(profile.presence.offline_after, 10 * kSecond);
    EXPECT_EQ(profile.presence.stream, "topic:presence");
    EXPECT_EQ(profile.presence.lease, 15 * kSecond);
    EXPECT_EQ(profile.retention.age, 0);
    EXPECT_EQ(profile.retention.entries, 0U);
    EXPECT_EQ(profile.retention.interval, 60 * kSecond);
    EXPECT_EQ(profile.shutdown.delay, 0);
    EXPECT_EQ(profile.shutdown.timeout, 30 * kSecond);
}

TEST(Profile, HasADefaultForEverything) {
    for (const std::string_view text : {std::string_view(), default_profile()}) {
        const LoadResult result = load(text);
        ASSERT_TRUE(result.profile.has_value()) << joined(result.problems);
        EXPECT_TRUE(result.warnings.empty());
        expect_defaults(*result.profile);
    }
}

/// A line of the default profile with what it has in its comment: "# log:" and "#   level: info #
/// debug" are keys, prose is not.
std::string uncommented(const std::string& line) {
    static const std::regex key("# ( *(- )?[a-z][a-z_-]*:( .*)?)");
    std::smatch match;
    if (std::regex_match(line, match, key)) {
        return match[1];
    }
    return line.starts_with('#') ? "" : line;
}

TEST(Profile, ShowsTrueDefaultsInComments) {
    std::istringstream yaml{std::string(default_profile())};
    std::string text;
    for (std::string line; std::getline(yaml, line);) {
        text += uncommented(line) + '\n';
    }
    const LoadResult result =
        load(text, make_environment({{"CREDENTIALS_DIRECTORY", "/c"}},
                                    {{"/c/belfry-token-key", std::string(32, 'k')}}));
    ASSERT_TRUE(result.profile.has_value()) << text << joined(result.problems);
    expect_default_engine(result.profile->engine);
    expect_default_limits(result.profile->limits);
    expect_default_identity(result.profile->identity);
    EXPECT_EQ(result.profile->sources.size(), 1U);
}

TEST(Profile, TakesDirectoriesFromSystemd) {
    const LoadResult result = load("", make_environment({{"STATE_DIRECTORY", "/s"},
                                                         {"RUNTIME_DIRECTORY", "/r"},
                                                         {"BELFRY_PLUGIN_DIR", "/p"}}));
    ASSERT_TRUE(result.profile.has_value());
    EXPECT_EQ(result.profile->state, "/s");
    EXPECT_EQ(result.profile->control_socket, "/r/belfry.sock");
    EXPECT_THAT(result.profile->plugins.directories, ElementsAre("/p"));
}

TEST(Profile, HandsPluginSectionsOnUnchanged) {
    const LoadResult result = load(R"(
storage: {plugin: postgresql, required: false, config: {url: "${DB}"}}
brokers:
  west: {plugin: nats, config: {}}
  east:
    plugin: rabbitmq
    config:
      password: ${PASSWORD}
sources:
  orders: {broker: east, max_in_flight: 5, config: {queue: orders}}
apps: {shop: {plugin: shop}}
bus: {broker: west}
)");
    ASSERT_TRUE(result.profile.has_value()) << joined(result.problems);
    const Profile& profile = *result.profile;
    EXPECT_FALSE(profile.storage.required);
    EXPECT_EQ(profile.storage.config.find("url")->text, "${DB}");
    ASSERT_EQ(profile.brokers.size(), 2U);
    EXPECT_EQ(profile.brokers[0].name, "east");
    EXPECT_EQ(profile.brokers[0].path, "brokers.east.config");
    EXPECT_EQ(to_string(profile.brokers[0].where), "p.yaml:6:5");
    EXPECT_EQ(to_string(profile.brokers[0].config.find("password")->mark), "p.yaml:8:17");
    EXPECT_EQ(profile.brokers[1].plugin, "nats");
    ASSERT_EQ(profile.sources.size(), 1U);
    EXPECT_EQ(profile.sources[0].broker, "east");
    EXPECT_EQ(profile.sources[0].max_in_flight, 5U);
    EXPECT_EQ(profile.sources[0].config.find("queue")->text, "orders");
    EXPECT_EQ(profile.sources[0].stall, 60 * kSecond);
    EXPECT_EQ(profile.apps[0].config.kind, Node::Kind::map);
    ASSERT_TRUE(profile.bus);
    EXPECT_EQ(profile.bus->broker, "west");
    EXPECT_EQ(profile.bus->partitions, 256U);
    EXPECT_EQ(profile.bus->inline_bytes, 16U << 10U);
}

TEST(Profile, ReadsHowMessagesOfASourceAreRead) {
    const LoadResult result = load(R"(
brokers: {main: {plugin: memory}}
sources:
  plain:
    broker: main
    envelope: plain
    max_bytes: 2KiB
    types: [b, a]
    plain: {id: coordinates, subject: "json:/to", subject_prefix: "user:", type: news}
  usual: {broker: main}
)");
    ASSERT_TRUE(result.profile.has_value()) << joined(result.problems);
    const EnvelopeSettings& plain = result.profile->sources[0].envelope;
    EXPECT_EQ(plain.envelope, Envelope::plain);
    EXPECT_EQ(plain.max_bytes, 2048U);
    EXPECT_EQ(plain.types, (std::vector<std::string>{"b", "a"}));
    EXPECT_EQ(plain.plain.id, "coordinates");
    EXPECT_EQ(plain.plain.subject, "json:/to");
    EXPECT_EQ(plain.plain.subject_prefix, "user:");
    EXPECT_EQ(plain.plain.type, "news");
    const EnvelopeSettings& usual = result.profile->sources[1].envelope;
    const EnvelopeSettings unset;
    EXPECT_EQ(usual.envelope, Envelope::automatic);
    EXPECT_EQ(usual.max_bytes, unset.max_bytes);
    EXPECT_TRUE(usual.types.empty());
    EXPECT_EQ(usual.plain.id, "");
    EXPECT_EQ(usual.plain.subject, unset.plain.subject);
}

TEST(Profile, ChecksAPluginSectionByThePluginsSchema) {
    const LoadResult result = load("brokers: {main: {plugin: nats, config: {url: x, tokn: y}}}");
    ASSERT_TRUE(result.profile.has_value());
    const auto schema = Schema::parse(R"({"type":"object","properties":{
        "url":{"type":"string"},"token":{"type":"string","x-secret":true}}})");
    ASSERT_TRUE(schema.has_value());
    const InstanceConfig& main = result.profile->brokers[0];
    const Environment environment = make_environment();
    const auto checked = validate(*schema, main.config, {environment, main.path});
    EXPECT_EQ(
        joined(checked.problems),
        "p.yaml:1:49: brokers.main.config.tokn: expected a known key, found \"tokn\"; did you "
        "mean \"token\"?\n");
}

TEST(Profile, ReadsListenersInTheirOrder) {
    const LoadResult result = load(R"(
listeners:
  - {name: b, address: "unix:/run/b", serves: [admin]}
  - {name: a, address: "127.0.0.1:0"}
  - {name: c, address: "127.0.0.1:0"}
)");
    ASSERT_TRUE(result.profile.has_value()) << joined(result.problems);
    const auto& listeners = result.profile->listeners;
    ASSERT_EQ(listeners.size(), 3U);
    EXPECT_EQ(listeners[0].address.path, "/run/b");
    EXPECT_TRUE(listeners[0].serves.admin);
    EXPECT_FALSE(listeners[0].serves.api);
    EXPECT_EQ(to_string(listeners[1].where), "p.yaml:4:5");
}

TEST(Profile, HidesItsSecret) {
    const LoadResult result = load("identity: {tokens: {secret: \"${KEY}\"}}",
                                   make_environment({{"KEY", std::string(32, 'k')}}));
    ASSERT_TRUE(result.profile.has_value());
    EXPECT_EQ(result.profile->identity.tokens.secret.reveal(), std::string(32, 'k'));
    EXPECT_EQ(testing::PrintToString(result.profile->identity.tokens.secret), "***");
}

TEST(Profile, WarnsOfASecretInTheFile) {
    const LoadResult result = load("identity: {tokens: {secret: " + std::string(32, 'k') + "}}");
    EXPECT_TRUE(result.profile.has_value());
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_THAT(to_string(result.warnings[0]),
                testing::StartsWith("p.yaml:1:29: identity.tokens.secret: expected a secret by"));
}

struct Crossed {
    const char* name;
    std::string yaml;
    std::string problem;
};

class RefusedProfile : public testing::TestWithParam<Crossed> {};

TEST_P(RefusedProfile, SaysWhatDoesNotFit) {
    const LoadResult result = load(GetParam().yaml);
    EXPECT_FALSE(result.profile.has_value());
    ASSERT_FALSE(result.problems.empty());
    EXPECT_EQ(to_string(result.problems.front()), GetParam().problem);
}

INSTANTIATE_TEST_SUITE_P(
    Checks, RefusedProfile,
    testing::Values(
        Crossed{
            "UnknownBroker", "brokers: {main: {plugin: m}}\nsources: {a: {broker: mian}}",
            "p.yaml:2:23: sources.a.broker: expected a name from brokers, found \"mian\"; did you "
            "mean \"main\"?"},
        Crossed{"NoBroker", "bus: {broker: main}",
                "p.yaml:1:15: bus.broker: expected a name from brokers, found \"main\"; there are "
                "none"},
        Crossed{
            "OtherBroker", "brokers: {x: {plugin: m}}\nbus: {broker: main}",
            "p.yaml:2:15: bus.broker: expected a name from brokers, found \"main\"; known are x"},
        Crossed{"ListenerName",
                "listeners:\n- {name: a, address: 127.0.0.1:1}\n- {name: a, address: 127.0.0.1:2}",
                "p.yaml:3:10: listeners[1].name: expected a name of its own, found that of "
                "listeners[0]"},
        Crossed{"ListenerAddress",
                "listeners:\n- {name: a, address: 127.0.0.1:1}\n- {name: b, address: 127.0.0.1:1}",
                "p.yaml:3:22: listeners[1].address: expected an address of its own, found that of "
                "listeners[0].address"},
        Crossed{"AdminAddress", "admin: {address: 127.0.0.1:8480}",
                "p.yaml:1:18: admin.address: expected an address of its own, found that of "
                "listeners[0].address"},
        Crossed{"Socket", "admin: {address: \"unix:/a\"}\ncontrol: {socket: /a}",
                "p.yaml:2:19: control.socket: expected a path of its own, found that of "
                "admin.address"},
        Crossed{
            "Name", "apps:\n  My App: {plugin: x}",
            "p.yaml:2:3: apps.My App: expected a name of a-z, 0-9 and - that begins with a letter "
            "and has at most 64 characters, found \"My App\""},
        Crossed{
            "Batch", "engine: {ingest: {queue: 100}}",
            "p.yaml:1:18: engine.ingest.batch: expected at most engine.ingest.queue (100), found "
            "512"},
        Crossed{"UnknownKey", "engine:\n  shard: 2",
                "p.yaml:2:3: engine.shard: expected a known key, found \"shard\"; did you mean "
                "\"shards\"?"},
        Crossed{
            "UnknownInstanceKey", "brokers: {main: {plugin: m, url: x}}",
            "p.yaml:1:29: brokers.main.url: expected a known key, found \"url\"; known are config, "
            "plugin, required"},
        Crossed{"NotAMap", "[]", "p.yaml:1:1: expected a map, found a list"},
        Crossed{"OnlyText", "hello", "p.yaml:1:1: expected a map, found \"hello\""}),
    NameOf{});

TEST(Profile, ReportsProblemsInTheOrderOfTheFile) {
    const LoadResult result = load("storage: {config: 1}\nlog: {level: x}\nfoo: 1\nnode: []\n");
    EXPECT_THAT(texts_of(result.problems), ElementsAre(HasSubstr(":1:19: "), HasSubstr(":2:14: "),
                                                       HasSubstr(":3:1: "), HasSubstr(":4:7: ")));
}

}  // namespace
}  // namespace belfry::config::test
