// Plugins that break the rules of the life cycle and of completions, and a host that stands it.
#include "tests/unit/plugin/support.hpp"

namespace belfry::plugin::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Lifecycle : public HostTest {
protected:
    /// Why the start failed.
    std::string start_error(const std::string& yaml, bool required = true) {
        EXPECT_TRUE(load({instance("one", "rogue", yaml, required)}, Kind::app));
        const auto started = start();
        return started ? "" : started.error().message;
    }
    Waiter<std::string> begin_step(const std::string& name) {
        Waiter<std::string> waiter;
        host_->apps().at(0)->step(name, "in", home_, waiter.callback());
        return waiter;
    }
    Result<std::string> step(const std::string& name) { return begin_step(name).get(); }
};

TEST_F(Lifecycle, PassesOnWhyAStartFails) {
    EXPECT_EQ(start_error("start: fail"),
              "instance one of plugin rogue: cannot be started: no oil in the lamp");
    EXPECT_EQ(status().state, State::failed);
    EXPECT_THAT(status().reason, HasSubstr("no oil in the lamp"));
}

TEST_F(Lifecycle, GoesOnWhereAnOptionalStartFails) {
    EXPECT_EQ(start_error("start: fail", false), "");
    EXPECT_EQ(status().state, State::failed);
    EXPECT_EQ(host_->health(), Health::degraded);
}

TEST_F(Lifecycle, GivesUpOnAStartThatDoesNotComplete) {
    settings_.start_time = 100 * kMillisecond;
    EXPECT_THAT(start_error("start: never"), HasSubstr("start did not complete within 100 ms"));
    EXPECT_EQ(status().state, State::failed);
}

TEST_F(Lifecycle, SurvivesAStartThatThrows) {
    EXPECT_THAT(start_error("start: throw"), HasSubstr("start threw an exception"));
    EXPECT_THAT(status().violations, Contains(HasSubstr("start: threw an exception")));
}

TEST_F(Lifecycle, GivesUpOnAStopThatDoesNotComplete) {
    settings_.stop_time = 100 * kMillisecond;
    run("rogue", Kind::app, "stop: never");
    stop();
    EXPECT_EQ(status().state, State::failed);
    EXPECT_EQ(status().reason, "cannot be stopped: stop did not complete within 100 ms");
}

TEST_F(Lifecycle, TakesAStopThatFailsForAStop) {
    run("rogue", Kind::app, "stop: fail");
    stop();
    EXPECT_EQ(status().state, State::stopped);
}

TEST_F(Lifecycle, GivesUpOnADrainAtItsDeadline) {
    run("rogue", Kind::app, "drain: never");
    std::promise<void> drained;
    host_->drain_all(system_clock().now() + 50 * kMillisecond, [&] { drained.set_value(); });
    EXPECT_EQ(drained.get_future().wait_for(kPatience), std::future_status::ready);
    EXPECT_EQ(status().state, State::started);
}

TEST_F(Lifecycle, DoesNothingAPluginAsksForAfterItsStop) {
    run("rogue", Kind::app, "destroy: posts");
    stop();
    EXPECT_THAT(status().violations, ElementsAre("call: called after the instance had stopped",
                                                 "post: called after the instance had stopped",
                                                 "timer: called after the instance had stopped"));
}

TEST_F(Lifecycle, IgnoresASecondCompletion) {
    run("rogue", Kind::app);
    EXPECT_EQ(step("twice").value(), "in");
    EXPECT_EQ(step("plain").value(), "in");
    EXPECT_THAT(status().violations, ElementsAre("step: completed twice"));
    EXPECT_THAT(metrics_.text(),
                HasSubstr(R"(belfry_plugin_violations_total{instance="one",plugin="rogue"} 1)"));
}

TEST_F(Lifecycle, ReportsABrokenRuleOnce) {
    run("rogue", Kind::app);
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(step("twice"));
    }
    EXPECT_EQ(status().violations.size(), 1U);
}

TEST_F(Lifecycle, TakesACompletionFromAnyThread) {
    run("rogue", Kind::app);
    std::thread::id ran_on;
    std::promise<std::string> answer;
    host_->apps().at(0)->step("thread", "in", home_, [&](Result<std::string> output) {
        ran_on = std::this_thread::get_id();
        answer.set_value(output.value());
    });
    EXPECT_EQ(answer.get_future().get(), "from another thread");
    EXPECT_EQ(ran_on, home_.id());
    EXPECT_THAT(status().violations, IsEmpty());
}

TEST_F(Lifecycle, AnswersWhatThePluginNeverDid) {
    run("rogue", Kind::app);
    auto waiter = begin_step("never");
    executor_.settle();
    EXPECT_FALSE(waiter.is_ready());
    stop();
    EXPECT_EQ(waiter.get().error().code, Code::closed);
    // The plugin completes it while it is destroyed: ignored, too.
    EXPECT_THAT(status().violations,
                ElementsAre("step: completed after the instance had stopped",
                            "step: was not completed before the instance stopped"));
}

TEST_F(Lifecycle, TakesAnUnknownStatusForARetry) {
    run("rogue", Kind::app);
    const auto answer = step("unknown-status");
    EXPECT_EQ(answer.error().code, Code::retry);
    EXPECT_EQ(answer.error().message, "what is this");
}

TEST_F(Lifecycle, MakesUpAMessageWhereThereIsNone) {
    run("rogue", Kind::app);
    EXPECT_EQ(step("no-message").error().message, "step: not_found");
    EXPECT_EQ(step("no-message").error().code, Code::not_found);
}

TEST_F(Lifecycle, SurvivesACompletionWithoutResultOrValue) {
    run("rogue", Kind::app);
    EXPECT_EQ(step("no-result").error().code, Code::retry);
    const auto answer = step("no-value");
    EXPECT_EQ(answer.error().code, Code::retry);
    EXPECT_EQ(answer.error().message,
              "instance one of plugin rogue answered step with nonsense: no output");
}

TEST_F(Lifecycle, SurvivesACallThatThrows) {
    run("rogue", Kind::app);
    EXPECT_EQ(step("throw").error().message, "the plugin threw an exception");
    EXPECT_THAT(status().violations, Contains(HasSubstr("step: threw an exception")));
}

TEST_F(Lifecycle, StopsWhileCallsComeIn) {
    run("rogue", Kind::app);
    std::atomic<bool> is_over = false;
    std::atomic<int> answered = 0;
    int asked = 0;
    std::thread caller([&] {
        while (!is_over) {
            ++asked;
            host_->apps().at(0)->step("thread", "in", home_,
                                      [&](const Result<std::string>&) { ++answered; });
            std::this_thread::yield();
        }
    });
    while (answered < 20) {
        std::this_thread::yield();
    }
    stop();
    is_over = true;
    caller.join();
    home_.settle();
    EXPECT_EQ(answered, asked);
    EXPECT_THAT(status().violations, IsEmpty());
}

}  // namespace
}  // namespace belfry::plugin::test
