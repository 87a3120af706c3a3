// Messages that are put off, and what is left behind at the broker.
#include "tests/unit/broker_rabbitmq/rabbit.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

using std::chrono::milliseconds;

class Retry : public Rabbit, public testing::WithParamInterface<std::string> {
protected:
    Source& made(Node& at, Wanted wanted = {}) {
        const std::string events = queue() + ".events";
        return consume(at,
                       R"("topology": "declare", "queue_type": ")" + GetParam() +
                           R"(", "exchanges": [{"name": ")" + events +
                           R"("}], "bindings": [{"exchange": ")" + events +
                           R"(", "routing_key": "#"}])",
                       std::move(wanted));
    }
};

TEST_P(Retry, KeepsExchangeAndRoutingKey) {
    auto& in = made(node());
    const std::string events = queue() + ".events";
    client().publish(events, "order.created", "a", "id-1");
    in.retry(in.wait_for("a"));
    const auto again = in.wait_for("a", 2);
    EXPECT_EQ(again.destination, "order.created");
    EXPECT_EQ(again.exchange, events);
    EXPECT_EQ(again.id, "id-1");
    EXPECT_EQ(again.attempt, 2U);
    EXPECT_EQ(again.header("x-retry-attempts"), "1");
}

TEST_P(Retry, WaitsInAQueueOfThePrefix) {
    auto& in = made(node(config_at(url(), R"("prefix": "mine")")));
    client().publish("", queue(), "a");
    in.retry(in.wait_for("a"), milliseconds(20'000));
    testkit::eventually(
        "it waits", [&] { return client().has_queue("mine.retry." + queue() + ".20000"); },
        kPatience);
    testkit::eventually(
        "it is there", [&] { return client().waiting("mine.retry." + queue() + ".20000") == 1; },
        kPatience);
    EXPECT_EQ(in.count(), 1U);
}

TEST_P(Retry, OfOneDelayNeedsOneQueue) {
    auto& in = made(node());
    for (int number = 0; number < 20; ++number) {
        client().publish("", queue(), "m" + std::to_string(number));
    }
    for (const auto& one : in.wait(20)) {
        in.retry(one, milliseconds(900 + one.body.size()));
    }
    in.settle_all();
    for (int number = 0; number < 20; ++number) {
        (void)in.wait_for("m" + std::to_string(number), 2);
    }
    EXPECT_TRUE(client().has_queue("belfry.retry." + queue() + ".1000"));
}

TEST_P(Retry, AfterTheLimitTellsWhy) {
    auto& in = made(node(), {.retries = {.limit = 2, .first = milliseconds(10)}});
    client().publish("", queue(), "a");
    in.retry(in.wait_for("a"), {}, "no database");
    in.retry(in.wait_for("a", 2), {}, "still no database");
    const auto letter = in.wait_for_dead(1).at(0);
    EXPECT_EQ(letter.header(BF_HEADER_REASON), "2 attempts failed: still no database");
    EXPECT_EQ(client().waiting(queue()), 0U);
}

// The message stays with the broker, and comes again.
TEST_P(Retry, ThatCannotBeBuriedComesAgain) {
    auto& in = made(node());
    client().publish("", queue(), "a");
    const auto one = in.wait_for("a");
    client().delete_queue(queue() + ".dlq");
    in.dead(one, "bad");
    wait_for_health(sdk::Health::degraded, "can neither be put off nor buried");
    const auto again = in.wait_for("a", 2);
    EXPECT_EQ(again.coordinates, one.coordinates);
    client().declare_queue(queue() + ".dlq");
    in.dead(again, "bad");
    EXPECT_EQ(in.wait_for_dead(1).at(0).body, "a");
    wait_for_health(sdk::Health::ok);
}

TEST_P(Retry, OfManyBringsAllToTheDeadLettersAndBack) {
    auto& in = made(node(), {.retries = {.limit = 1}});
    const std::string events = queue() + ".events";
    constexpr std::size_t kCount = 300;
    for (std::size_t number = 0; number < kCount; ++number) {
        client().publish(events, "k" + std::to_string(number), "m" + std::to_string(number));
    }
    for (std::size_t number = 0; number < kCount; ++number) {
        in.retry(in.wait_for("m" + std::to_string(number)), {}, "poison");
    }
    const auto letters = in.wait_for_dead(kCount);
    EXPECT_EQ(letters.front().destination, "k0");
    EXPECT_EQ(letters.back().exchange, events);
    EXPECT_EQ(in.replay(kCount), kCount);
    for (std::size_t number = 0; number < kCount; ++number) {
        const auto again = in.wait_for("m" + std::to_string(number), 2);
        EXPECT_EQ(again.destination, "k" + std::to_string(number));
        in.ok(again);
    }
    EXPECT_EQ(in.replay(kCount), 0U);
}

INSTANTIATE_TEST_SUITE_P(Of, Retry, testing::Values("quorum", "classic"),
                         [](const auto& type) { return type.param; });

}  // namespace
}  // namespace belfry::test
