// The in-memory host finds what a plugin does against the rules.
#include "tests/unit/testkit/faulty.hpp"

#include <belfry/testkit/host.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace belfry::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

bf_delivery delivery(std::string_view id) {
    bf_delivery made{};
    made.size = sizeof made;
    made.id = sdk::str(id);
    return made;
}

testkit::Pending<sdk::Outcome> submit(const testkit::Instance& instance, std::string_view id) {
    auto pending = instance.pending<sdk::Outcome>("submit");
    const bf_delivery made = delivery(id);
    instance.table<bf_push>().submit(instance.handle(), &made, pending.done());
    return pending;
}

class Testkit : public testing::Test {
protected:
    testkit::Host host_;
    testkit::Plugin plugin_ = testkit::Plugin::from(host_, belfry_plugin_v1);
};

TEST_F(Testkit, CompletionsAndEffectsAreCaptured) {
    auto instance = plugin_.create("lamp");
    instance.start();
    EXPECT_EQ(submit(instance, "good").wait().value.detail, "fine");
    EXPECT_EQ(host_.metric("lamp", "submits_total"), 1);
    EXPECT_EQ(host_.logged("submitted"), 1U);
    EXPECT_EQ(host_.logs().front().fields, (testkit::Fields{{"id", "good"}}));
    EXPECT_EQ(host_.health("lamp").reason, "tired");
    EXPECT_THAT(host_.violations(), IsEmpty());
}

TEST_F(Testkit, TheClockIsTheTests) {
    auto instance = plugin_.create("lamp");
    instance.start();
    const auto pending = submit(instance, "later");
    EXPECT_FALSE(pending.ready());
    host_.advance(3'600'000'000'000);
    EXPECT_EQ(pending.wait().value.detail, "late");
}

TEST_F(Testkit, MissingCompletionFailsInTime) {
    auto instance = plugin_.create("lamp");
    instance.start();
    const auto pending = submit(instance, "keep");
    EXPECT_THAT([&] { (void)pending.wait(std::chrono::milliseconds(5)); },
                ThrowsMessage<testkit::Failed>("lamp.submit was not completed within 5 ms"));
}

TEST_F(Testkit, StopWithOpenCallsLateCallsAndLateCompletionsAreViolations) {
    {
        auto instance = plugin_.create("lamp");
        instance.start();
        (void)submit(instance, "keep");
        instance.stop();
    }
    EXPECT_THAT(host_.violations(),
                testing::Contains("lamp.submit was not completed before stop was"));
    EXPECT_THAT(host_.violations(), testing::Contains("lamp.submit was completed after stop"));
}

TEST_F(Testkit, SecondCompletionIsAViolation) {
    auto instance = plugin_.create("lamp");
    const auto pending = instance.pending("call");
    const bf_result result{sizeof result, BF_OK, {}, 0};
    const bf_done done = pending.done();
    done.call(done.ctx, &result, nullptr);
    done.call(done.ctx, &result, nullptr);
    EXPECT_THAT(host_.violations(), ElementsAre("lamp.call was completed twice"));
}

TEST_F(Testkit, WhatDoesNotLoadSaysWhy) {
    EXPECT_THAT([&] { (void)testkit::Plugin::load(host_, "/nowhere.so"); },
                ThrowsMessage<testkit::Failed>(HasSubstr("/nowhere.so does not load")));
    EXPECT_THAT(
        [&] { (void)testkit::Plugin::from(host_, no_plugin); },
        ThrowsMessage<testkit::Failed>("the entry function returned no descriptor: no lamp oil"));
}

TEST_F(Testkit, BadConfigurationSaysWhy) {
    EXPECT_EQ(plugin_.check("bad"), "this is bad");
    EXPECT_EQ(plugin_.check("{}"), std::nullopt);
    EXPECT_THAT([&] { (void)plugin_.create("lamp", "bad"); },
                ThrowsMessage<testkit::Failed>("instance lamp was not created: this is bad"));
}

TEST_F(Testkit, LinkFindsASecondAnswer) {
    auto instance = plugin_.create("lamp");
    testkit::Link link(instance);
    auto* handle = reinterpret_cast<bf_link*>(&link);
    host_.table()->link_respond(handle, 200, nullptr, 0, {});
    host_.table()->link_upgrade(handle, 101, nullptr, 0);
    EXPECT_THAT(host_.violations(), ElementsAre("lamp: answered twice"));
}

}  // namespace
}  // namespace belfry::test
