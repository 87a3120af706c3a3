#include "daemon/mailbox/source.hpp"

#include "tests/unit/mailbox/core.hpp"
#include "tests/unit/mailbox/fake_broker.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

namespace belfry::test {
namespace {

using Calls = std::vector<std::string>;

class SourceTest : public testing::Test {
protected:
    std::optional<Result<>> start() {
        std::optional<Result<>> answer;
        source_.start([&](const Result<>& result) { answer = result; });
        core_.run();
        return answer;
    }
    bool stop() {
        bool stopped = false;
        source_.stop([&](const Result<>& result) { stopped = result.has_value(); });
        core_.run();
        return stopped;
    }
    double gauge(const std::string& name) {
        return core_.metrics.gauge(name, "", {{"source", "orders"}}).Value();
    }
    double counter(const std::string& name) {
        return core_.metrics.counter(name, "", {{"source", "orders"}}).Value();
    }
    void say(const SourceStats& stats) { broker_.stats = stats; }
    void deliver(std::uint64_t token) {
        broker_.deliver({{.destination = "d",
                          .id = std::to_string(token),
                          .content_type = "text/plain",
                          .body = "hi",
                          .headers = {{"subject", "user:a"}},
                          .token = token}});
    }

    FakeBroker broker_;
    Core core_{{.queue = 2}};
    Source source_{{broker_, core_.mailbox, core_.home, core_.world, core_.world, core_.metrics},
                   {.consumed = {.name = "orders", .config = {}},
                    .broker = "main",
                    .envelope = {},
                    .stall = 60 * kSecond}};
};

TEST_F(SourceTest, StandsOnceItIsConsumed) {
    EXPECT_FALSE(source_.status().is_standing);
    ASSERT_TRUE(start().value());
    EXPECT_TRUE(source_.status().is_standing);
    EXPECT_EQ(source_.status().reason, "");
    EXPECT_TRUE(stop());
    EXPECT_EQ(broker_.log, (Calls{"consume", "cancel"}));
}

TEST_F(SourceTest, IsOverWhereTheFirstTryCannotSucceed) {
    for (const Code code : {Code::not_found, Code::invalid, Code::refused}) {
        FakeBroker broker;
        broker.consume_answers = {fail(code, "no stream ORDERS")};
        Source source({broker, core_.mailbox, core_.home, core_.world, core_.world, core_.metrics},
                      {.consumed = {.name = "orders", .config = {}}, .broker = "main"});
        std::optional<Result<>> answer;
        source.start([&](const Result<>& result) { answer = result; });
        core_.run(60 * kSecond);
        ASSERT_TRUE(answer);
        ASSERT_FALSE(*answer);
        EXPECT_EQ(answer->error().message, "no stream ORDERS");
        EXPECT_EQ(broker.log, Calls{"consume"});
        source.stop([](const Result<>&) {});
        core_.run(10 * kSecond);
    }
}

TEST_F(SourceTest, TriesForEverWhereTheBrokerCannotBeReached) {
    for (int i = 0; i < 30; ++i) {
        broker_.consume_answers.push_back(
            fail(i % 2 == 0 ? Code::unavailable : Code::retry, "away"));
    }
    ASSERT_TRUE(start().value()) << "the daemon starts without its broker";
    EXPECT_FALSE(source_.status().is_standing);
    EXPECT_EQ(source_.status().reason, "away");
    core_.run(60 * kSecond);
    EXPECT_GE(broker_.log.size(), 8U);
    EXPECT_LE(broker_.log.size(), 25U) << "ever less often";
    core_.run(600 * kSecond);
    EXPECT_TRUE(source_.status().is_standing);
    EXPECT_EQ(broker_.log.size(), 31U);
}

TEST_F(SourceTest, GoesOnAfterAFailureThatWouldHaveStoppedTheStart) {
    broker_.consume_answers = {fail(Code::unavailable, "away"), fail(Code::not_found, "no stream"),
                               fail(Code::invalid, "other subjects")};
    ASSERT_TRUE(start().value());
    core_.run(30 * kSecond);
    EXPECT_TRUE(source_.status().is_standing);
    EXPECT_EQ(broker_.count("consume"), 4U);
}

TEST_F(SourceTest, EndsWhereverItIs) {
    broker_.consume_answers = {fail(Code::unavailable, "away"), fail(Code::unavailable, "away")};
    ASSERT_TRUE(start().value());
    EXPECT_TRUE(stop()) << "between two tries";
    const auto before = broker_.log;
    core_.run(60 * kSecond);
    EXPECT_EQ(broker_.log, before);
}

TEST_F(SourceTest, IsCancelledWhenItIsStoppedBeforeItStands) {
    std::optional<Result<>> answer;
    bool stopped = false;
    source_.start([&](const Result<>& result) { answer = result; });
    source_.stop([&](const Result<>&) { stopped = true; });
    core_.run();
    EXPECT_TRUE(answer && *answer && stopped);
    EXPECT_EQ(broker_.log, (Calls{"consume", "cancel"}));
}

TEST_F(SourceTest, ConsumesAnewWhenItIsStalled) {
    ASSERT_TRUE(start().value());
    say({.connected = true, .lag = 7});
    core_.run(50 * kSecond);
    EXPECT_EQ(broker_.log, Calls{"consume"});
    core_.run(20 * kSecond);
    EXPECT_EQ(broker_.log, (Calls{"consume", "cancel", "consume"}));
    EXPECT_TRUE(source_.status().is_standing);
    EXPECT_EQ(counter("belfry_source_stalls_total"), 1);
    core_.run(30 * kSecond);
    EXPECT_EQ(counter("belfry_source_stalls_total"), 1) << "it has its time again";
    core_.run(40 * kSecond);
    EXPECT_EQ(counter("belfry_source_stalls_total"), 2);
}

TEST_F(SourceTest, IsNotStalledWhileMessagesMove) {
    ASSERT_TRUE(start().value());
    say({.connected = true, .lag = 7});
    for (std::uint64_t i = 1; i < 10; ++i) {
        deliver(i);
        core_.run(40 * kSecond);
    }
    EXPECT_EQ(broker_.log, Calls{"consume"});
}

TEST_F(SourceTest, IsNotStalledByWhatIsNoSilenceOfTheBroker) {
    ASSERT_TRUE(start().value());
    for (const SourceStats& stats :
         {SourceStats{.connected = true, .lag = 0}, SourceStats{.connected = true},
          SourceStats{.connected = false, .lag = 7}}) {
        say(stats);
        core_.run(200 * kSecond);
        EXPECT_EQ(broker_.log, Calls{"consume"});
    }
    broker_.stats = fail(Code::unavailable, "away");
    core_.run(200 * kSecond);
    EXPECT_EQ(broker_.log, Calls{"consume"});
    EXPECT_EQ(gauge("belfry_source_connected"), 0);
}

TEST_F(SourceTest, IsNotStalledWhileItIsPaused) {
    ASSERT_TRUE(start().value());
    core_.storage.commit_fault = [] {
        return std::optional(CommitFault{{Code::unavailable, "disk full"}, false});
    };
    deliver(1);
    say({.connected = true, .lag = 7});
    core_.run(300 * kSecond);
    EXPECT_TRUE(source_.status().is_paused);
    EXPECT_EQ(broker_.log, Calls{"consume"});
    core_.storage.commit_fault = nullptr;
    core_.run(30 * kSecond);
    EXPECT_FALSE(source_.status().is_paused);
    EXPECT_EQ(broker_.log, Calls{"consume"}) << "its time begins with the end of the pause";
    core_.run(60 * kSecond);
    EXPECT_EQ(broker_.count("consume"), 2U);
}

TEST_F(SourceTest, ShowsWhatTheBrokerSays) {
    ASSERT_TRUE(start().value());
    say({.connected = true,
         .lag = 7,
         .in_flight = 3,
         .redelivered = 5,
         .dead = 2,
         .reconnects = 4,
         .oldest = core_.world.now() - 30 * kSecond,
         .dead_letters = 9});
    core_.run(6 * kSecond);
    EXPECT_EQ(gauge("belfry_source_connected"), 1);
    EXPECT_EQ(gauge("belfry_source_lag"), 7);
    EXPECT_EQ(gauge("belfry_source_in_flight"), 3);
    EXPECT_EQ(gauge("belfry_source_dead_letters"), 9);
    EXPECT_EQ(gauge("belfry_source_oldest_age_seconds"), 35);
    EXPECT_EQ(counter("belfry_source_redelivered_total"), 5);
    EXPECT_EQ(counter("belfry_source_dead_total"), 2);
    say({.connected = true, .redelivered = 6, .reconnects = 1});
    core_.run(6 * kSecond);
    EXPECT_TRUE(std::isnan(gauge("belfry_source_lag")));
    EXPECT_EQ(gauge("belfry_source_oldest_age_seconds"), 0);
    EXPECT_EQ(counter("belfry_source_redelivered_total"), 6);
    EXPECT_EQ(counter("belfry_source_reconnects_total"), 5) << "the broker began to count anew";
}

}  // namespace
}  // namespace belfry::test
