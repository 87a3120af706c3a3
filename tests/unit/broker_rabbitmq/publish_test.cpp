// Publishing: confirmed, mandatory, and what RabbitMQ refuses.
#include "tests/unit/broker_rabbitmq/rabbit.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace belfry::test {
namespace {

using sdk::Status;

class Publish : public Rabbit {
protected:
    Place to(const std::string& exchange, const std::string& key) {
        auto there = place();
        there.exchange = exchange;
        there.destination = key;
        return there;
    }
    static void expect_not_found(const testkit::Outcome<>& outcome, const std::string& what) {
        EXPECT_EQ(outcome.status, Status::not_found);
        EXPECT_NE(outcome.message.find(what), std::string::npos) << outcome.message;
    }
};

TEST_F(Publish, ToAQueueThatIsNotThereIsNotFound) {
    expect_not_found(node().publish(place(), text("a")), queue());
}

TEST_F(Publish, ToAnExchangeThatIsNotThereIsNotFound) {
    auto& here = node();
    expect_not_found(here.publish(to(queue() + ".none", "k"), text("a")), queue() + ".none");
    client().declare_queue(queue());
    EXPECT_TRUE(here.publish(place(), text("b")).ok());
}

TEST_F(Publish, ToAnExchangeThatLeadsNowhereIsNotFound) {
    const std::string events = queue() + ".events";
    client().declare_exchange(events, "topic");
    client().declare_queue(queue());
    client().bind(queue(), events, "right.*");
    auto& here = node();
    expect_not_found(here.publish(to(events, "wrong.one"), text("a")), "wrong.one");
    EXPECT_TRUE(here.publish(to(events, "right.one"), text("b")).ok());
    EXPECT_EQ(client().waiting(queue()), 1U);
}

// Each of them is told apart, whatever the others do at the same time, with an id or without.
TEST_F(Publish, TellsWhatIsLostFromWhatIsNot) {
    const std::string events = queue() + ".events";
    client().declare_exchange(events, "topic");
    client().declare_queue(queue());
    client().bind(queue(), events, "right");
    auto& here = node();
    std::vector<conformance::Call<>> calls;
    constexpr int kCount = 600;
    for (int number = 0; number < kCount; ++number) {
        Out out = text("same");
        out.id = number % 2 == 0 ? "" : std::to_string(number);
        calls.push_back(here.begin_publish(to(events, number % 3 == 0 ? "wrong" : "right"), out));
    }
    for (int number = 0; number < kCount; ++number) {
        const auto status = calls[static_cast<std::size_t>(number)].wait().status;
        EXPECT_EQ(status, number % 3 == 0 ? Status::not_found : Status::ok) << number;
    }
    EXPECT_EQ(client().waiting(queue()), 400U);
}

TEST_F(Publish, ToAnExchangeThatWasDeletedIsNotFoundAndHarmsNobody) {
    const std::string events = queue() + ".events";
    client().declare_exchange(events, "fanout");
    client().declare_queue(queue());
    client().bind(queue(), events, "");
    auto& here = node();
    ASSERT_TRUE(here.publish(to(events, "k"), text("a")).ok());
    client().delete_exchange(events);
    expect_not_found(here.publish(to(events, "k"), text("b")), events);
    ASSERT_TRUE(here.publish(place(), text("c")).ok());
    client().declare_exchange(events, "fanout");
    client().bind(queue(), events, "");
    EXPECT_TRUE(here.publish(to(events, "k"), text("d")).ok());
}

TEST_F(Publish, ToAFullQueueIsPutOff) {
    auto& here = node();
    (void)consume(
        here,
        R"("topology": "declare", "arguments": {"x-max-length": 1, "x-overflow": "reject-publish"})",
        {.max_in_flight = 1});
    testkit::eventually(
        "the queue is full",
        [&] {
            const auto outcome = here.publish(place(), text("x"));
            return outcome.status == Status::retry && outcome.retry_after > 0;
        },
        kPatience);
}

TEST_F(Publish, OfWhatAmqpCannotCarryIsInvalid) {
    client().declare_queue(queue());
    auto& here = node();
    const std::string long_text(256, 'x');
    const auto expect_invalid = [&](const Place& there, const Out& out, const std::string& what) {
        const auto outcome = here.publish(there, out);
        EXPECT_EQ(outcome.status, Status::invalid) << what;
        EXPECT_NE(outcome.message.find(what), std::string::npos) << outcome.message;
    };
    expect_invalid(to("", long_text), text("a"), "destination");
    expect_invalid(to(long_text, "k"), text("a"), "exchange");
    expect_invalid(place(), {.id = long_text}, "id");
    expect_invalid(place(), {.id = "1", .headers = {{long_text, "v"}}}, "header");
    expect_invalid(place(), {.id = "1", .headers = {{"CC", "other"}}}, "CC");
    expect_invalid(place(), {.id = "1", .headers = {{"h", std::string(140'000, 'x')}}},
                   "frame_max");
    EXPECT_TRUE(here.publish(place(), text("fine")).ok());
    EXPECT_EQ(host.logged("connection lost"), 0U);
}

TEST_F(Publish, ToAnInternalExchangeIsRefusedAndHarmsNobody) {
    client().declare_queue(queue());
    auto& here = node();
    const auto outcome = here.publish(to("amq.rabbitmq.trace", "k"), text("a"));
    EXPECT_EQ(outcome.status, Status::refused) << outcome.message;
    EXPECT_TRUE(here.publish(place(), text("fine")).ok());
}

}  // namespace
}  // namespace belfry::test
