// Credentials, cursors, origins, mounts and configuration.
#include "tests/unit/delivery_websocket/client.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

TEST(Attach, WithABearerHeaderComesBeforeTheUpgrade) {
    Server server;
    testkit::Link link(server.instance());
    auto request = handshake_with("authorization", "bearer  abc.def");
    request.query = "device=my%20phone+1&since=3.17";
    link.open(request);
    ASSERT_TRUE(link.attach());
    EXPECT_EQ(link.attach()->credential, "abc.def");
    EXPECT_EQ(link.attach()->device, "my phone 1");
    EXPECT_EQ(link.attach()->since, "3.17");
    EXPECT_EQ(link.attach()->dialect, "belfry.v1");
    EXPECT_EQ(link.attach()->key, "");
    EXPECT_FALSE(link.upgraded());
    link.accept();
    ASSERT_TRUE(link.upgraded());
    EXPECT_EQ(link.upgraded()->status, 101U);
    EXPECT_TRUE(server.host().violations().empty());
}

TEST(Attach, WithASubprotocolItemNeverEchoesTheToken) {
    Server server;
    testkit::Link link(server.instance());
    link.open(handshake_with("sec-websocket-protocol", "belfry.v1, bearer.abc.def"));
    ASSERT_TRUE(link.attach());
    EXPECT_EQ(link.attach()->credential, "abc.def");
    link.accept();
    EXPECT_EQ(link.upgraded()->header("sec-websocket-protocol"), "belfry.v1");
}

TEST(Attach, PrefersTheHeader) {
    Server server;
    testkit::Link link(server.instance());
    auto request = handshake_with("sec-websocket-protocol", "bearer.low");
    request.headers.emplace_back("authorization", "Bearer high");
    link.open(request);
    EXPECT_EQ(link.attach()->credential, "high");
}

TEST(Attach, RefusedAnswersWithTheDaemonsProblem) {
    Server server;
    testkit::Link link(server.instance());
    link.open(handshake_with("authorization", "Bearer x"));
    link.reject(sdk::Status::refused, 401, "expired", R"({"status":401})");
    ASSERT_TRUE(link.responded());
    EXPECT_EQ(link.responded()->status, 401U);
    EXPECT_EQ(link.responded()->body, R"({"status":401})");
    EXPECT_EQ(link.responded()->header("www-authenticate"), "Bearer");
    EXPECT_TRUE(server.host().violations().empty());
}

TEST(Attach, WithoutCredentialIsTheDaemonsDecision) {
    Server server;
    testkit::Link link(server.instance());
    auto request = handshake();
    request.query = "since=latest&device=tv";
    link.open(request);
    ASSERT_TRUE(link.attach());
    EXPECT_EQ(link.attach()->credential, "");
    EXPECT_EQ(link.attach()->since, "latest");
    EXPECT_EQ(link.attach()->device, "tv");
    EXPECT_FALSE(link.upgraded());
    link.accept();
    ASSERT_TRUE(link.upgraded());
    link.read(frame(1, R"({"op":"auth"})"));
    ASSERT_EQ(link.received().size(), 1U);
    EXPECT_EQ(link.received()[0].content, R"({"op":"auth"})");
}

TEST(Attach, ClosedWhileWaitingAnswers503) {
    Server server;
    testkit::Link link(server.instance());
    link.open(handshake_with("authorization", "Bearer x"));
    link.close(1001, "draining");
    ASSERT_TRUE(link.responded());
    EXPECT_EQ(link.responded()->status, 503U);
    link.accept();
    EXPECT_FALSE(link.upgraded());
    EXPECT_TRUE(server.host().violations().empty());
}

TEST(Mounts, GiveDialectAndSubprotocol) {
    Server server;
    testkit::Link link(server.instance());
    auto request = handshake_with("sec-websocket-protocol", "belfry.v1, shop.2");
    request.headers.emplace_back("authorization", "Bearer x");
    request.route = 1;
    link.open(request);
    EXPECT_EQ(link.attach()->dialect, "shop");
    link.accept();
    EXPECT_EQ(link.upgraded()->header("sec-websocket-protocol"), "shop.2");
}

TEST(Mounts, AreTheRoutes) {
    Server server;
    std::uint64_t count = 0;
    const auto& table = server.instance().table<bf_transport>();
    const bf_route* routes = table.routes(server.instance().handle(), &count);
    ASSERT_EQ(count, 2U);
    EXPECT_EQ(sdk::view(routes[0].path), "/v1/ws");
    EXPECT_EQ(sdk::view(routes[1].path), "/other");
    EXPECT_EQ(sdk::view(routes[0].method), "GET");
}

std::uint32_t status_for(const std::string& allowed, const char* host, const char* origin) {
    Server server(config(65'536, allowed));
    testkit::Link link(server.instance());
    auto request = handshake_with("host", host);
    request.headers.emplace_back("origin", origin);
    link.open(request);
    if (link.attach()) {
        link.accept();
    }
    return link.upgraded() ? link.upgraded()->status : link.responded()->status;
}

struct OriginCase {
    const char* allowed;
    const char* host;
    const char* origin;
    std::uint32_t status;
};

constexpr const char* kOne = R"(["https://app.example.org"])";

constexpr OriginCase kOrigins[] = {
    {"[]", "example.org", "https://example.org", 101},
    {"[]", "example.org", "http://example.org", 101},
    {"[]", "EXAMPLE.org", "https://example.ORG", 101},
    {"[]", "example.org:443", "https://example.org", 101},
    {"[]", "example.org:80", "http://example.org", 101},
    {"[]", "example.org:8080", "http://example.org:8080", 101},
    {"[]", "[::1]:8080", "http://[::1]:8080", 101},
    {"[]", "example.org:8080", "http://example.org", 403},
    {"[]", "example.org", "http://example.org:8080", 403},
    {"[]", "example.org", "https://example.org:80", 403},
    {"[]", "example.org", "https://evil.org", 403},
    {"[]", "example.org", "https://example.org.evil.org", 403},
    {"[]", "example.org", "https://sub.example.org", 403},
    {"[]", "example.org", "https://evilexample.org", 403},
    {"[]", "example.org", "https://example.org/", 403},
    {"[]", "example.org", "https://evil.org@example.org", 403},
    {"[]", "example.org", "null", 403},
    {"[]", "example.org", "example.org", 403},
    {"[]", "", "https://", 403},
    {"[]", "example.org", "https://example.org https://evil.org", 403},
    {kOne, "example.org", "https://app.example.org", 101},
    {kOne, "example.org", "HTTPS://APP.example.org", 101},
    {kOne, "example.org", "http://app.example.org", 403},
    {kOne, "example.org", "https://app.example.org:8443", 403},
    {kOne, "example.org", "https://example.org", 403},
    {kOne, "example.org", "https://xapp.example.org", 403},
    {kOne, "example.org", "https://app.example.org.evil.org", 403},
    {kOne, "example.org", "null", 403},
    {kOne, "example.org", "*", 403},
    {R"(["*"])", "example.org", "https://anything.test", 101},
    {R"(["*"])", "example.org", "null", 101},
};

TEST(Origin, IsComparedAsAWhole) {
    for (const auto& one : kOrigins) {
        EXPECT_EQ(status_for(one.allowed, one.host, one.origin), one.status)
            << one.origin << " at " << one.host << " allowed " << one.allowed;
    }
}

TEST(Config, IsCheckedBeyondTheSchema) {
    testkit::Host host;
    const auto plugin = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN);
    EXPECT_EQ(plugin.check(config()), std::nullopt);
    EXPECT_EQ(plugin.check(config(128, R"(["example.org"])")),
              "origins: expected scheme://host[:port] or *, found example.org");
    EXPECT_EQ(
        plugin.check(R"({"mounts":[{"path":"/a"},{"path":"/a"}],"max_message":1,"origins":[]})"),
        "mounts: path /a is there twice");
    EXPECT_THROW((void)plugin.create("x", config(128, R"(["https://a/b"])")), testkit::Failed);
}

TEST(Config, OriginsAndLimitApplyLiveMountsDoNot) {
    Server server;
    auto& instance = server.instance();
    EXPECT_EQ(instance.apply(config(200, R"(["https://a.test"])")), BF_APPLIED);
    testkit::Link link(instance);
    link.open(handshake_with("origin", "https://a.test"));
    link.accept();
    ASSERT_TRUE(link.upgraded());
    link.read(frame(1, std::string(201, 'x')));
    EXPECT_EQ(observe(link).closed(), 1009);
    EXPECT_EQ(instance.apply(R"({"mounts":[{"path":"/b"}],"max_message":128,"origins":[]})"),
              BF_APPLY_RESTART);
    EXPECT_EQ(instance.apply(config(128, R"(["nonsense"])")), BF_APPLY_FAILED);
}

}  // namespace
}  // namespace belfry::test
