#include "tests/unit/mailbox/fake_broker.hpp"
#include "tests/unit/ops/cli_run.hpp"
#include "tests/unit/ops/world.hpp"

#include <belfry/abi.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>
#include <sysexits.h>

namespace belfry::test {
namespace {

namespace json = boost::json;

Message dead_letter(const std::string& id, const std::string& body) {
    return {.destination = "orders.dead",
            .id = id,
            .content_type = "text/plain",
            .body = body,
            .headers = {{"own", "h\xff"},
                        {BF_HEADER_REASON, "refused: of old"},
                        {BF_HEADER_REASON, "oversize: too\nmuch"},
                        {BF_HEADER_DESTINATION, "orders.a"},
                        {BF_HEADER_COORDINATES, "orders@7"},
                        {BF_HEADER_ATTEMPTS, "3"},
                        {BF_HEADER_DEAD_AT, "2026-01-01T00:00:00Z"}}};
}

class SourcesTest : public testing::Test {
protected:
    void SetUp() override {
        world_.sources.add(std::make_unique<Source>(
            SourceParts{broker_, *world_.mailbox, world_.shards.front()->loop(), system_clock(),
                        system_random(), world_.metrics},
            SourceSettings{.consumed = {.name = "orders", .config = {}}, .broker = "main"}));
    }
    json::value get(const std::string& target) {
        const auto answer = world_.control({.target = target});
        EXPECT_EQ(answer.status, 200U) << answer.body;
        return json::parse(answer.body);
    }
    HttpAnswer replay(const std::string& body) {
        return world_.control(
            {.method = "POST", .target = "/v1/sources/orders/replay", .body = body});
    }
    CliRun belfry(const std::string& arguments) {
        return run_cli(world_.control_socket(), {}, arguments);
    }
    void bury(int count) {
        for (int i = 0; i < count; ++i) {
            broker_.dead.push_back(dead_letter("m" + std::to_string(i), "body"));
        }
    }

    FakeBroker broker_;
    World world_;
};

TEST_F(SourcesTest, AreListedWithWhatTheBrokerSays) {
    broker_.stats = SourceStats{.connected = true, .lag = 7, .in_flight = 2, .oldest = kSecond};
    const auto source = get("/v1/sources").at("sources").at(0);
    EXPECT_EQ(source.at("name"), "orders");
    EXPECT_EQ(source.at("broker"), "main");
    EXPECT_EQ(source.at("state"), "waiting");
    EXPECT_EQ(source.at("connected"), true);
    EXPECT_EQ(source.at("lag"), 7);
    EXPECT_EQ(source.at("in_flight"), 2);
    EXPECT_EQ(source.at("oldest"), "1970-01-01T00:00:01.000Z");
    EXPECT_FALSE(source.as_object().contains("dead_letters")) << "it is not known";
    broker_.stats = fail(Code::unavailable, "away");
    EXPECT_EQ(get("/v1/sources").at("sources").at(0).at("connected"), false);
}

TEST_F(SourcesTest, AreForAdmins) {
    for (const char* target : {"/v1/sources", "/v1/sources/orders/dead-letters"}) {
        EXPECT_EQ(world_.call({.target = target}).status, 401U);
        EXPECT_EQ(world_.call({.target = target, .token = world_.token("ann")}).status, 403U);
    }
    EXPECT_EQ(world_
                  .call({.method = "POST",
                         .target = "/v1/sources/orders/replay",
                         .body = "{}",
                         .token = world_.token("ann", {"producer"})})
                  .status,
              403U);
    EXPECT_TRUE(broker_.replays.empty());
}

TEST_F(SourcesTest, HaveDeadLetters) {
    broker_.dead = {dead_letter("m1", "hello"), dead_letter("", "\xff")};
    auto letters = get("/v1/sources/orders/dead-letters").at("dead_letters").as_array();
    ASSERT_EQ(letters.size(), 2U);
    EXPECT_EQ(letters[0].at("id"), "m1");
    EXPECT_EQ(letters[0].at("reason"), "oversize: too\nmuch") << "the last death's";
    EXPECT_EQ(letters[0].at("attempts"), 3);
    EXPECT_EQ(letters[0].at("destination"), "orders.a");
    EXPECT_EQ(letters[0].at("died_at"), "2026-01-01T00:00:00Z");
    EXPECT_EQ(letters[0].at("size"), 5);
    EXPECT_FALSE(letters[0].as_object().contains("body"));
    EXPECT_FALSE(letters[0].as_object().contains("headers"));
    EXPECT_EQ(letters[1].at("id"), "orders@7");
    letters = get("/v1/sources/orders/dead-letters?body=true").at("dead_letters").as_array();
    EXPECT_EQ(letters[0].at("body"), "hello");
    EXPECT_EQ(letters[0].at("headers"), (json::value{{"own", "h?"}}));
    EXPECT_EQ(letters[1].at("body_base64"), "/w==");
    EXPECT_EQ(get("/v1/sources/orders/dead-letters?limit=1").at("dead_letters").as_array().size(),
              1U);
}

TEST_F(SourcesTest, LeaveOutBodiesThatAreTooMuchTogether) {
    broker_.dead = {dead_letter("m1", std::string(15U << 20U, 'x')),
                    dead_letter("m2", std::string(2U << 20U, 'x'))};
    const auto letters = get("/v1/sources/orders/dead-letters?body=true").at("dead_letters");
    EXPECT_TRUE(letters.at(0).as_object().contains("body"));
    EXPECT_FALSE(letters.at(1).as_object().contains("body"));
    EXPECT_EQ(letters.at(1).at("size"), 2 << 20);
}

TEST_F(SourcesTest, AreReplayed) {
    bury(5);
    const auto answer = replay(R"({"limit":3,"before":"2026-01-01T00:00:00Z"})");
    EXPECT_EQ(json::parse(answer.body),
              (json::value{{"replayed", 3}, {"before", "2026-01-01T00:00:00.000Z"}}));
    EXPECT_EQ(broker_.replays.front(),
              (std::pair<std::uint64_t, Nanos>{3, 1'767'225'600 * kSecond}));
    const Nanos now = system_clock().now();
    EXPECT_EQ(json::parse(replay("{}").body).at("replayed"), 2);
    EXPECT_EQ(broker_.replays.back().first, 100U);
    EXPECT_GE(broker_.replays.back().second, now);
}

TEST_F(SourcesTest, RefuseWhatMakesNoSense) {
    EXPECT_EQ(world_.control({.target = "/v1/sources/none/dead-letters"}).status, 404U);
    for (const char* query : {"limit=0", "limit=1001", "limit=x", "body=maybe", "more=1"}) {
        EXPECT_EQ(
            world_.control({.target = std::string("/v1/sources/orders/dead-letters?") + query})
                .status,
            422U)
            << query;
    }
    for (const char* body : {R"({"limit":0})", R"({"before":"soon"})", R"({"x":1})"}) {
        EXPECT_EQ(replay(body).status, 422U) << body;
    }
}

TEST_F(SourcesTest, AreShownByTheCommand) {
    broker_.stats = SourceStats{.connected = true, .lag = 7, .in_flight = 2, .dead_letters = 12};
    const auto shown = belfry("sources");
    EXPECT_EQ(shown.exit_code, 0) << shown.output;
    EXPECT_TRUE(shown.output.contains(
        "orders               main         waiting          7         2           12"))
        << shown.output;
    EXPECT_EQ(json::parse(belfry("--json sources").output).at("lag"), 7);
}

TEST_F(SourcesTest, ShowDeadLettersByTheCommand) {
    bury(2);
    const auto shown = belfry("dead-letters orders");
    EXPECT_EQ(shown.exit_code, 0) << shown.output;
    EXPECT_TRUE(
        shown.output.starts_with("2026-01-01T00:00:00Z  m0  oversize: too\\nmuch  "
                                 "(orders.a, 3 attempts, 4 bytes)\n"))
        << shown.output;
    EXPECT_FALSE(shown.output.contains("    body"));
    EXPECT_TRUE(belfry("dead-letters --limit 1 --body orders").output.ends_with(")\n    body\n"));
    EXPECT_EQ(json::parse(belfry("--json dead-letters orders --limit 1").output).at("id"), "m0");
    EXPECT_NE(belfry("dead-letters none").exit_code, 0);
    EXPECT_NE(belfry("dead-letters a/b").exit_code, 0);
    EXPECT_EQ(belfry("dead-letters").exit_code, EX_USAGE);
    EXPECT_EQ(belfry("dead-letters orders --limit 0").exit_code, EX_USAGE);
}

TEST_F(SourcesTest, AreReplayedByTheCommandInChunks) {
    bury(250);
    const auto done = belfry("replay orders");
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_TRUE(done.output.contains("250 messages replayed\n")) << done.output;
    ASSERT_EQ(broker_.replays.size(), 4U) << "three, and one that found nothing";
    for (const auto& [limit, before] : broker_.replays) {
        EXPECT_EQ(limit, 100U);
        EXPECT_LE(broker_.replays.front().second - before, kSecond / 1000)
            << "what dies meanwhile is left alone";
        EXPECT_LE(before, broker_.replays.front().second);
    }
    bury(10);
    EXPECT_TRUE(belfry("replay orders --limit 7").output.contains("7 messages replayed\n"));
    EXPECT_EQ(broker_.dead.size(), 3U);
    EXPECT_NE(belfry("replay none").exit_code, 0);
}

}  // namespace
}  // namespace belfry::test
