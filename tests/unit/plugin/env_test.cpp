// What the daemon does for a plugin: the functions of bf_host, asked by a real plugin.
#include "daemon/plugin/env.hpp"

#include "tests/unit/plugin/support.hpp"

namespace belfry::plugin::test {
namespace {

using testing::Contains;
using testing::HasSubstr;

class Env : public HostTest {
protected:
    Env() { run("face", Kind::app); }
    Waiter<std::string> begin_step(const std::string& name, const std::string& input = "in") {
        Waiter<std::string> waiter;
        host_->apps().at(0)->step(name, input, home_, waiter.callback());
        return waiter;
    }
    std::string step(const std::string& name, const std::string& input = "in") {
        auto waiter = begin_step(name, input);
        const auto answer = waiter.get();
        return answer ? *answer : "error: " + answer.error().message;
    }
};

TEST_F(Env, IngestsEvents) {
    EXPECT_EQ(step("ingest", "first"), "0  0 ");
    EXPECT_EQ(step("ingest", "again"), "1  0 ");
    EXPECT_EQ(step("ingest", "full"), "6 full 7 ");
    EXPECT_EQ(step("null-event"), "4 no event was given 0 ");
}

TEST_F(Env, CallsOperations) {
    EXPECT_EQ(step("call", "[1]"), "0  0 one|users.list|{}|[1]");
    EXPECT_EQ(step("transaction", "!"), "0  0 a!b!");
    EXPECT_THAT(step("null-transaction"), HasSubstr("4 a transaction takes at most 1024 calls"));
}

TEST_F(Env, RefusesEgress) {
    EXPECT_THAT(step("egress"), HasSubstr("5 this daemon has no client"));
}

TEST_F(Env, RunsPostsAndTimers) {
    EXPECT_EQ(step("post"), "ran");
    EXPECT_EQ(step("timer"), "ran");
    EXPECT_EQ(step("cancelled-timer"), "in");
}

TEST_F(Env, LogsMeasuresAndReportsHealth) {
    EXPECT_EQ(step("tell"), "in");
    EXPECT_EQ(status().health, Health::down);
    EXPECT_EQ(status().reason, "tired");
    EXPECT_THAT(metrics_.text(), HasSubstr(R"(belfry_plugin_things{instance="one",kind="x"} 5)"));
    EXPECT_THAT(status().violations,
                Contains(HasSubstr("metric: belfry_plugin_no good name cannot be made")));
}

TEST_F(Env, AnswersWhatTheDaemonHasNotAnsweredWhenItStops) {
    auto waiter = begin_step("call", "keep");
    executor_.settle();
    ASSERT_EQ(services_.kept.size(), 1U);
    stop();
    // The plugin got BF_CLOSED and completed its own call with that.
    EXPECT_EQ(waiter.get().value(), "9 the instance is being stopped 0 ");
    services_.kept[0](std::string("too late"));
    executor_.settle();
    EXPECT_TRUE(status().violations.empty());
}

TEST_F(Env, IgnoresAnswersThatComeWhenTheHostIsGone) {
    auto waiter = begin_step("call", "keep");
    executor_.settle();
    stop();
    host_.reset();
    ASSERT_EQ(services_.kept.size(), 1U);
    services_.kept[0](std::string("far too late"));
    executor_.settle();
    EXPECT_EQ(waiter.get().value(), "9 the instance is being stopped 0 ");
}

TEST(EnvBeforeServices, AnswersUnavailable) {
    Metrics metrics;
    ThreadExecutor executor;
    const auto env = std::make_shared<bf_env>(
        std::make_shared<Surroundings>(system_clock(), system_random(), metrics, executor), "one",
        "plugin");
    std::uint32_t status = BF_OK;
    const bf_call call{sizeof call, 0, {"x", 1}, {nullptr, 0}, {nullptr, 0}};
    env->call(&call, {&status, [](void* ctx, const bf_result* result, const void*) {
                          *static_cast<std::uint32_t*>(ctx) = result->status;
                      }});
    EXPECT_EQ(status, BF_UNAVAILABLE);
}

}  // namespace
}  // namespace belfry::plugin::test
