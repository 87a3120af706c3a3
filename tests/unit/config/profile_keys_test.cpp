/// Every key of the profile: values that are accepted and values that are refused.
#include "daemon/config/profile.hpp"
#include "tests/unit/config/support.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace belfry::config::test {
namespace {

using testing::MatchesRegex;

/// The last key's values are tried at their place; [] stands for an item of a list, * for any name.
struct Key {
    std::string path;
    std::vector<std::string> good;
    std::vector<std::string> bad;
};

void PrintTo(const Key& key, std::ostream* out) { *out << key.path; }

std::vector<Key> daemon_keys() {
    return {
        {"node", {"a", "node-1.example"}, {"\"\"", "a b", "[]"}},
        {"state", {"/tmp", "state", "${HOME:-/x}"}, {"\"\"", "{}", "${UNSET}"}},
        {"log.level", {"debug", "info", "warning", "error"}, {"warn", "Info", "3", "[info]"}},
        {"log.format", {"auto", "text", "json", "journald"}, {"xml", "yes"}},
        {"engine.shards", {"0", "1", "256"}, {"-1", "257", "two", "\"2\"", "1.5", "08"}},
        {"engine.ingest.queue", {"512", "8192"}, {"0", "1048577", "many"}},
        {"engine.ingest.queue_bytes", {"1MiB", "67108864"}, {"64MB", "1KiB", "1s"}},
        {"engine.ingest.batch", {"1", "8192"}, {"0", "8193", "65537"}},
        {"engine.ingest.wait", {"0", "2ms", "1s"}, {"2", "2s", "-1ms"}},
        {"listeners", {"[{name: a, address: \"[::1]:80\"}]"}, {"[]", "{}", "a", "[{}]", "[~]"}},
        {"listeners[].name", {"a", "public-2"}, {"A", "2a", "\"\"", "a_b"}},
        {"listeners[].address",
         {"127.0.0.1:0", "\"[::]:80\"", "unix:/x"},
         {"localhost:80", "80", "a"}},
        {"listeners[].serves",
         {"[api]", "[deliveries, apps, admin]"},
         {"[]", "api", "[web]", "[api, api]"}},
        {"admin.address", {"127.0.0.1:9", "unix:/run/a"}, {"\":80\"", "x", "127.0.0.1:8480"}},
        {"control.socket", {"/run/x.sock"}, {"\"\"", std::string(108, 'x'), "[]"}},
    };
}

std::vector<Key> limit_keys() {
    return {
        {"limits.http.request_line", {"8KiB", "128"}, {"127", "65KiB", "8kb"}},
        {"limits.http.headers", {"1KiB", "1MiB"}, {"1023", "2MiB"}},
        {"limits.http.header_count", {"8", "1000"}, {"7", "1001", "8KiB"}},
        {"limits.http.body", {"1KiB", "64MiB"}, {"0", "65MiB"}},
        {"limits.http.header_time", {"100ms", "10m"}, {"0", "11m", "5"}},
        {"limits.http.body_time", {"1s", "1h"}, {"99ms", "2h"}},
        {"limits.http.idle", {"60s", "1m"}, {"0", "1d"}},
        {"limits.http.pipeline", {"1", "1024"}, {"0", "1025"}},
        {"limits.session.auth_time", {"5s", "5m"}, {"0s", "6m"}},
        {"limits.session.ping", {"1s", "1h"}, {"999ms", "2h"}},
        {"limits.session.pong", {"100ms", "8s"}, {"99ms", "11m"}},
        {"limits.session.message", {"128", "16MiB"}, {"127", "17MiB"}},
        {"limits.session.queue_bytes", {"1KiB", "64MiB"}, {"1", "65MiB"}},
        {"limits.session.queue_messages", {"1", "65536"}, {"0", "65537"}},
        {"limits.session.stuck", {"1s", "1h"}, {"500ms", "61m"}},
        {"limits.connections", {"0", "15000"}, {"-1", "10000001", "all"}},
    };
}

std::vector<Key> identity_keys() {
    return {
        {"identity.tokens.issuer", {"me"}, {"\"\"", "[]"}},
        {"identity.tokens.audience", {"them"}, {"\"\"", "{}"}},
        {"identity.tokens.algorithm", {"HS256"}, {"none", "hs256", "RS256"}},
        {"identity.tokens.secret",
         {std::string(32, 'k'), "\"${KEY}\""},
         {"short", "file:/none", "credential:none", "[]"}},
        {"identity.tokens.lifetime", {"24h", "7d"}, {"0", "3651d", "24"}},
        {"identity.passwords.memory", {"64KiB", "19MiB"}, {"63KiB", "5GiB"}},
        {"identity.passwords.passes", {"1", "64"}, {"0", "65"}},
        {"identity.passwords.threads", {"0", "256"}, {"-1", "257"}},
        {"identity.passwords.queue", {"1", "65536"}, {"0", "65537"}},
        {"identity.passwords.min_length", {"1", "128"}, {"0", "129"}},
        {"identity.registration", {"open", "closed"}, {"true", "no"}},
        {"plugins.directories", {"[/a]", "[a, b]"}, {"[]", "/a", "[/a, /a]", "[\"\"]"}},
        {"plugins.probe_time", {"100ms", "5m"}, {"1ms", "6m"}},
    };
}

std::vector<Key> plugin_keys() {
    return {
        {"storage.plugin", {"sqlite", "postgresql"}, {"SQLite", "\"\"", "a/b", "[]"}},
        {"storage.required", {"true", "false"}, {"yes", "1", "\"true\""}},
        {"storage.config", {"{}", "{a: {b: [1]}}", "~"}, {"[]", "a"}},
        {"brokers",
         {"{}", "{main: {plugin: memory}}"},
         {"[]", "{main: }", "{main: {}}", "{A: {plugin: x}}"}},
        {"brokers.*.plugin", {"memory"}, {"Memory", "[]", "../x"}},
        {"brokers.*.required", {"true", "false"}, {"on"}},
        {"brokers.*.config", {"{url: x}"}, {"[1]", "1"}},
        {"deliveries", {"{}", "{sse: {plugin: sse}}"}, {"[]", "{a_b: {plugin: x}}"}},
        {"deliveries.*.plugin", {"websocket"}, {"1", "{}"}},
        {"deliveries.*.required", {"true", "false"}, {"off"}},
        {"deliveries.*.config", {"{}"}, {"x"}},
        {"apps", {"{}", "{shop: {plugin: shop}}"}, {"a", "{\"\\x07\": {plugin: x}}"}},
        {"apps.*.plugin", {"shop"}, {"Shop"}},
        {"apps.*.required", {"false"}, {"0"}},
        {"apps.*.config", {"{a: 1}"}, {"[]"}},
        {"sources", {"{}"}, {"[]", "{a: {}}", "{a: {broker: none}}"}},
        {"sources.*.broker", {"main"}, {"mian", "[]"}},
        {"sources.*.max_in_flight", {"1", "65536"}, {"0", "65537"}},
        {"sources.*.envelope", {"auto", "cloudevents", "plain"}, {"json", "[]"}},
        {"sources.*.max_bytes", {"1", "64MiB"}, {"0", "65MiB"}},
        {"sources.*.types", {"[]", "[a, b]"}, {"a", "[\"\"]", "[a, a]"}},
        {"sources.*.plain.id",
         {"message", "coordinates", "header:X-Id", "json:/a~1b/0", "\"json:\""},
         {"body", "\"header:\"", "json:a", "json:/~2", "destination:a"}},
        {"sources.*.plain.subject",
         {"header:To", "json:/user", "destination:notify.", "\"destination:\""},
         {"alice", "message", "json:user"}},
        {"sources.*.plain.subject_prefix", {"\"user:\"", "\"\""}, {"[]"}},
        {"sources.*.plain.type", {"order", "json:/type"}, {"[]"}},
        {"sources.*.stall", {"1s", "1d"}, {"0s", "2d", "60"}},
        {"sources.*.config", {"{subject: a}"}, {"a"}},
        {"bus", {"~", "{broker: main}"}, {"main", "{}"}},
        {"bus.broker", {"main"}, {"other", "{}"}},
        {"bus.partitions", {"1", "65536"}, {"0", "65537", "a"}},
        {"bus.inline", {"0", "16KiB", "256KiB"}, {"257KiB", "-1"}},
        {"presence.enabled", {"true", "false"}, {"1"}},
        {"presence.offline_after", {"100ms", "1d"}, {"99ms", "2d", "1"}},
        {"presence.stream", {"topic:presence", "user:watcher"}, {"presence", "topic:a b", "[]"}},
        {"presence.lease", {"1s", "1h"}, {"999ms", "2h"}},
        {"retention.age", {"0s", "36500d"}, {"-1s", "1", "36501d"}},
        {"retention.entries", {"0", "1000000000"}, {"-1", "1000000001"}},
        {"retention.interval", {"100ms", "1d"}, {"99ms", "2d"}},
        {"shutdown.delay", {"0s", "10m"}, {"11m", "-1s", "1"}},
        {"shutdown.timeout", {"1s", "1h"}, {"0", "2h"}},
    };
}

std::vector<Key> keys() {
    std::vector<Key> all;
    for (const auto& part : {daemon_keys(), limit_keys(), identity_keys(), plugin_keys()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

/// The key's value inside everything that must stand around it; the broker "main" is always there.
std::string profile_with(const Key& key, const std::string& value) {
    std::string out = key.path.starts_with("brokers") ? "" : "brokers: {main: {plugin: memory}}\n";
    std::string path = key.path;
    std::string end = "\n";
    std::string beside;
    if (path.starts_with("listeners[].")) {
        const std::string last = path.substr(12);
        beside = last == "name" ? "address: 127.0.0.1:1, " : "name: x, ";
        beside += last == "serves" ? "address: 127.0.0.1:1, " : "";
        return out + "listeners: [{" + beside + last + ": " + value + "}]\n";
    }
    const bool needs_broker =
        (path.starts_with("sources.*") || path.starts_with("bus.")) && !path.ends_with("broker");
    const bool needs_plugin =
        path.contains(".*.") && !path.starts_with("sources") && !path.ends_with("plugin");
    beside = needs_broker ? "broker: main, " : needs_plugin ? "plugin: x, " : "";
    for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.')) {
        const std::string name = path.substr(0, dot);
        out += (name == "*" ? "main: {" + std::exchange(beside, {}) : name + ": {");
        end.insert(0, "}");
        path.erase(0, dot + 1);
    }
    return out + beside + path + ": " + value + end;
}

class ProfileKey : public testing::TestWithParam<Key> {};

const Environment& environment() {
    static const Environment everything =
        make_environment({{"KEY", std::string(40, 'e')}, {"CREDENTIALS_DIRECTORY", "/c"}});
    return everything;
}

TEST_P(ProfileKey, AcceptsGoodValues) {
    for (const std::string& value : GetParam().good) {
        const std::string text = profile_with(GetParam(), value);
        const LoadResult result = load(text, environment());
        EXPECT_TRUE(result.profile.has_value()) << text << joined(result.problems);
    }
}

TEST_P(ProfileKey, RefusesBadValuesWithTheirPlace) {
    for (const std::string& value : GetParam().bad) {
        const std::string text = profile_with(GetParam(), value);
        const LoadResult result = load(text, environment());
        EXPECT_FALSE(result.profile.has_value()) << text;
        ASSERT_FALSE(result.problems.empty()) << text;
        for (const std::string& message : texts_of(result.problems)) {
            EXPECT_THAT(message, MatchesRegex("p\\.yaml:[12]:[0-9]+: .+: expected .+")) << text;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, ProfileKey, testing::ValuesIn(keys()), [](const auto& one) {
    std::string name;
    for (const char c : one.param.path) {
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
    return name;
});

/// The paths of all keys that hold no further keys of the profile, and of all maps by name.
void collect(const boost::json::object& schema, const std::string& path,
             std::set<std::string>& out) {
    const auto below = [&](const boost::json::value& next, const std::string& name) {
        collect(next.as_object(), path.empty() ? name : path + name, out);
    };
    if (const auto* items = schema.if_contains("items"); items != nullptr) {
        out.insert(path);
        below(*items, "[]");
    } else if (const auto* rest = schema.if_contains("additionalProperties");
               rest != nullptr && rest->is_object()) {
        out.insert(path);
        below(*rest, ".*");
    } else if (const auto* properties = schema.if_contains("properties"); properties != nullptr) {
        for (const auto& [name, next] : properties->as_object()) {
            const std::string key{std::string_view(name)};
            below(next, path.empty() ? key : "." + key);
        }
    } else if (!path.ends_with("[]") || path.empty()) {
        out.insert(path);
    }
}

TEST(ProfileKeys, AreAllInTheTable) {
    std::set<std::string> documented;
    collect(boost::json::parse({profile_schema().data(), profile_schema().size()}).as_object(), "",
            documented);
    documented.insert("bus");
    std::set<std::string> tried;
    for (const Key& key : keys()) {
        EXPECT_FALSE(key.good.empty() || key.bad.empty()) << key.path;
        tried.insert(key.path);
    }
    EXPECT_EQ(tried, documented);
}

}  // namespace
}  // namespace belfry::config::test
