#include "tests/unit/ops/cli_run.hpp"
#include "tests/unit/ops/world.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <algorithm>
#include <atomic>
#include <string>

namespace belfry::test {
namespace {

namespace json = boost::json;

class CliTest : public ::testing::Test {
protected:
    CliRun belfry(const std::string& arguments, const std::string& before = {}) {
        return run_cli(world_.control_socket(), before, arguments);
    }
    json::value mailbox(const std::string& user) {
        return json::parse(
            world_.control({.target = "/v1/users/" + user + "/mailbox?limit=200"}).body);
    }

    World world_;
};

TEST_F(CliTest, SendsOneNotification) {
    const auto sent = belfry("send --to alice --title Build --type ci 'all green'");
    EXPECT_EQ(sent.exit_code, 0) << sent.output;
    EXPECT_TRUE(sent.output.starts_with("sent 0")) << sent.output;
    const auto entry = mailbox("alice").at("entries").at(0);
    EXPECT_EQ(entry.at("title"), "Build");
    EXPECT_EQ(entry.at("type"), "ci");
    EXPECT_EQ(entry.at("body"), "all green");
    const auto as_json = belfry("--json send --to topic:news hello");
    EXPECT_EQ(json::parse(as_json.output).at("places").at(0).at("stream"), "topic:news");
}

TEST_F(CliTest, SendsEveryLineOnceAndInOrder) {
    std::atomic<int> commits{0};
    world_.on_shard([&] {
        world_.storage.commit_fault = [&]() -> std::optional<CommitFault> {
            return ++commits % 3 == 0 ? std::optional(CommitFault{{Code::unavailable, "busy"}})
                                      : std::nullopt;
        };
    });
    const auto piped = belfry("send --to ops -", "{ seq 1 150; printf '\\n\\377last'; } |");
    ASSERT_EQ(piped.exit_code, 0) << piped.output;
    const auto entries = mailbox("ops").at("entries").as_array();
    ASSERT_EQ(entries.size(), 151U);
    EXPECT_EQ(entries[0].at("body"), "\xef\xbf\xbdlast");
    std::vector<int> numbers;
    for (std::size_t i = 1; i < entries.size(); ++i) {
        numbers.push_back(std::stoi(std::string(entries[i].at("body").as_string().c_str())));
    }
    std::ranges::sort(numbers);
    for (int i = 0; i < 150; ++i) {
        EXPECT_EQ(numbers[static_cast<std::size_t>(i)], i + 1);
    }
}

TEST_F(CliTest, SaysWhichLineWasRefused) {
    const auto sent =
        belfry("send --to ops -",
               "{ echo good; head -c 70000 /dev/zero | tr '\\0' x; echo; echo end; } |");
    EXPECT_EQ(sent.exit_code, EX_DATAERR);
    EXPECT_TRUE(sent.output.contains("belfry: line 2 was refused: ")) << sent.output;
    EXPECT_TRUE(sent.output.contains("1 lines were refused, 2 sent")) << sent.output;
    EXPECT_EQ(mailbox("ops").at("entries").as_array().size(), 2U);
}

TEST_F(CliTest, RefusesALineThatIsTooLongAndGoesOn) {
    const auto sent = belfry("send --to ops -",
                             "{ echo good; head -c 5000000 /dev/zero; echo; "
                             "head -c 1000000 /dev/zero; echo; echo end; } |");
    EXPECT_EQ(sent.exit_code, EX_DATAERR);
    EXPECT_TRUE(sent.output.contains("belfry: line 2 was refused: it is longer than 1048576 bytes"))
        << sent.output;
    EXPECT_TRUE(sent.output.contains("belfry: line 3 was refused: it is too long")) << sent.output;
    EXPECT_EQ(mailbox("ops").at("entries").as_array().size(), 2U);
}

TEST_F(CliTest, SaysThatItCouldNotReadItsInput) {
    const auto sent = belfry("send --to ops - </");
    EXPECT_EQ(sent.exit_code, EX_IOERR);
    EXPECT_TRUE(sent.output.contains("cannot read standard input: Is a directory")) << sent.output;
}

TEST(CliLimitTest, SendsInSmallerBatchesToADaemonThatTakesLess) {
    World world(false, {.body = 2048});
    const auto sent = run_cli(
        world.control_socket(),
        "{ seq 1 100; head -c 3000 /dev/zero | tr '\\0' x; echo; echo end; } |", "send --to ops -");
    EXPECT_EQ(sent.exit_code, EX_DATAERR);
    EXPECT_TRUE(sent.output.contains("belfry: line 101 was refused: it is too long"))
        << sent.output;
    EXPECT_TRUE(sent.output.contains("1 lines were refused, 101 sent")) << sent.output;
}

TEST_F(CliTest, MakesUsersAndTokens) {
    const auto created = belfry("user add alice --role producer", "echo 'correct horse' |");
    EXPECT_EQ(created.exit_code, 0) << created.output;
    EXPECT_EQ(created.output, "user alice created\n");
    EXPECT_EQ(world_
                  .call({.method = "POST",
                         .target = "/v1/login",
                         .body = R"({"name":"alice","password":"correct horse"})"})
                  .status,
              200U);
    EXPECT_EQ(belfry("user add alice --password 'correct horse'").exit_code, EX_CANTCREAT);
    EXPECT_EQ(belfry("user add bob --password short").exit_code, EX_DATAERR);
    EXPECT_EQ(belfry("user add bob", "</dev/null").exit_code, EX_NOINPUT);
    const auto token = belfry("token --user shop --role producer --lifetime 1h");
    ASSERT_EQ(token.exit_code, 0);
    const auto principal =
        world_.identity->authenticate(token.output.substr(0, token.output.size() - 1));
    ASSERT_TRUE(principal) << token.output;
    EXPECT_TRUE(principal->has_role("producer"));
}

TEST_F(CliTest, ShowsTheStatus) {
    const auto early = belfry("status");
    EXPECT_EQ(early.exit_code, EX_TEMPFAIL);
    EXPECT_TRUE(early.output.contains("[-]started failed: still starting\n")) << early.output;
}

TEST_F(CliTest, FailsClearly) {
    const auto nobody = run_cli("/nowhere/belfry.sock", "", "send --to alice x");
    EXPECT_EQ(nobody.exit_code, EX_UNAVAILABLE);
    EXPECT_TRUE(nobody.output.starts_with(
        "belfry: cannot reach the daemon at /nowhere/belfry.sock: No such file or directory"))
        << nobody.output;
    EXPECT_EQ(run_cli("/nowhere/belfry.sock", "echo x |", "send --to alice -").exit_code,
              EX_UNAVAILABLE);
    for (const char* arguments :
         {"", "send", "send --to alice", "send hello", "nonsense", "send --to alice x --nope",
          "tail", "tail --user a --topic b", "user", "token"}) {
        EXPECT_EQ(belfry(arguments).exit_code, EX_USAGE) << arguments;
    }
    EXPECT_EQ(belfry("send --to 'a b' x").exit_code, EX_DATAERR);
    const auto not_live = belfry("tail --user alice");
    EXPECT_EQ(not_live.exit_code, EX_PROTOCOL) << not_live.output;
    EXPECT_EQ(belfry("--help").exit_code, 0);
    EXPECT_TRUE(belfry("send --help")
                    .output.contains("tail -F /var/log/dpkg.log | belfry send --to ops -"));
}

}  // namespace
}  // namespace belfry::test
