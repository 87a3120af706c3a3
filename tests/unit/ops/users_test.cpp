#include "tests/unit/ops/world.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <gtest/gtest.h>

namespace belfry::test {
namespace {

namespace json = boost::json;

HttpCall post(const std::string& target, const std::string& body, const std::string& token = {}) {
    return {.method = "POST", .target = target, .body = body, .token = token};
}

const std::string kAlice = R"({"name":"alice","password":"correct horse"})";

TEST(UserOperationsTest, RegistersLogsInAndSaysWhoOneIs) {
    const World world;
    const auto created = world.control(
        post("/v1/users", R"({"name":"alice","password":"correct horse","roles":["producer"]})"));
    EXPECT_EQ(created.status, 201U) << created.body;
    EXPECT_FALSE(created.body.contains("password"));
    EXPECT_EQ(world.control(post("/v1/users", kAlice)).status, 409U);
    const auto login = world.call(post("/v1/login", kAlice, "an.old.token"));
    ASSERT_EQ(login.status, 200U) << login.body;
    const auto said = json::parse(login.body);
    EXPECT_EQ(said.at("user"), "alice");
    const auto me = json::parse(
        world.call({.target = "/v1/me", .token = json::value_to<std::string>(said.at("token"))})
            .body);
    EXPECT_EQ(me.at("id"), "alice");
    EXPECT_EQ(me.at("kind"), "user");
    EXPECT_EQ(me.at("roles"), json::value(json::array{"producer"}));
    EXPECT_EQ(me.at("expires_at"), said.at("expires_at"));
}

TEST(UserOperationsTest, HidesWhyALoginFailed) {
    const World world;
    ASSERT_EQ(world.control(post("/v1/users", kAlice)).status, 201U);
    const auto wrong = world.call(post("/v1/login", R"({"name":"alice","password":"wrong"})"));
    const auto unknown = world.call(post("/v1/login", R"({"name":"nobody","password":"wrong"})"));
    EXPECT_EQ(wrong.status, 401U);
    EXPECT_EQ(wrong.body, unknown.body);
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(world.call(post("/v1/login", R"({"name":"alice","password":"wrong"})")).status,
                  401U);
    }
    const auto limited = world.call(post("/v1/login", kAlice));
    EXPECT_EQ(limited.status, 429U);
    EXPECT_TRUE(limited.head.contains("retry-after: 1\r\n"));
}

TEST(UserOperationsTest, ClosesRegistrationUnlessTold) {
    const World closed;
    EXPECT_EQ(closed.call(post("/v1/users", kAlice)).status, 401U);
    EXPECT_EQ(closed.call(post("/v1/users", kAlice, closed.token("bob", {"producer"}))).status,
              403U);
    EXPECT_EQ(closed.call(post("/v1/users", kAlice, closed.token("root", {"admin"}))).status, 201U);
    const World open(true);
    EXPECT_EQ(open.call(post("/v1/users", kAlice)).status, 201U);
    const auto greedy = open.call(
        post("/v1/users", R"({"name":"eve","password":"correct horse","roles":["admin"]})"));
    EXPECT_EQ(greedy.status, 403U);
    EXPECT_TRUE(greedy.body.contains("\"pointer\":\"/roles\""));
}

TEST(UserOperationsTest, PointsAtWhatIsWrongWithAUser) {
    const World world;
    for (const auto& [body, pointer] :
         {std::pair{R"({"name":"a b","password":"correct horse"})", "/name"},
          {R"({"name":"bob","password":"short"})", "/password"},
          {R"({"name":"bob"})", "/password"},
          {R"({"name":"bob","password":"correct horse","roles":["Not Ok"]})", "/roles/0"},
          {R"({"name":"bob","password":"correct horse","roles":[1]})", "/roles/0"}}) {
        const auto answer = world.control(post("/v1/users", body));
        EXPECT_EQ(answer.status, 422U) << body;
        EXPECT_EQ(json::parse(answer.body).at("pointer"), pointer) << answer.body;
    }
}

TEST(UserOperationsTest, MakesTokensForAnybody) {
    const World world;
    const auto made = world.control(
        post("/v1/tokens", R"({"user":"shop","roles":["producer"],"lifetime":"90s"})"));
    ASSERT_EQ(made.status, 201U) << made.body;
    const auto principal = world.identity->authenticate(
        json::value_to<std::string>(json::parse(made.body).at("token")));
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->id, "shop");
    EXPECT_TRUE(principal->has_role("producer"));
    const Nanos left = principal->expires_at - system_clock().now();
    EXPECT_GT(left, 60 * kSecond);
    EXPECT_LE(left, 90 * kSecond);
    for (const char* body :
         {R"({"user":"a b"})", R"({"user":"shop","lifetime":"soon"})",
          R"({"user":"shop","lifetime":"0"})", R"({"user":"shop","lifetime":"99999d"})",
          R"({"user":"shop","lifetime":60})", R"({"user":"shop","roles":["A"]})"}) {
        EXPECT_EQ(world.control(post("/v1/tokens", body)).status, 422U) << body;
    }
    EXPECT_EQ(world.call(post("/v1/tokens", R"({"user":"shop"})", world.token("bob"))).status,
              403U);
}

TEST(HttpDoorTest, AnswersOtherPathsAndMethods) {
    const World world;
    EXPECT_EQ(world.call({.target = "/v1/nothing"}).status, 404U);
    const auto wrong = world.call({.target = "/v1/login"});
    EXPECT_EQ(wrong.status, 405U);
    EXPECT_TRUE(wrong.head.contains("allow: post\r\n")) << wrong.head;
    EXPECT_EQ(
        world.call({.target = "/v1/me", .more_headers = "Authorization: Basic YTpi\r\n"}).status,
        401U);
    EXPECT_EQ(world
                  .call({.target = "/v1/me",
                         .more_headers = "authorization: bearer " + world.token("alice") + "\r\n"})
                  .status,
              200U);
}

}  // namespace
}  // namespace belfry::test
