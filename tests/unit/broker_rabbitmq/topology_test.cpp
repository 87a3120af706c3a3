// What a source needs at the broker: looked at, made, missed, and there again.
#include "tests/unit/broker_rabbitmq/rabbit.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

using sdk::Health;
using sdk::Status;

class Topology : public Rabbit {
protected:
    testkit::Outcome<> tried(const std::string& members) {
        return source(node(), members).try_consume();
    }
    static void expect_names(const testkit::Outcome<>& outcome, const std::string& what) {
        EXPECT_NE(outcome.message.find(what), std::string::npos) << outcome.message;
    }
};

TEST_F(Topology, WithoutTheQueueIsNotFound) {
    const auto outcome = tried("");
    EXPECT_EQ(outcome.status, Status::not_found);
    expect_names(outcome, "queue '" + queue() + "'");
}

TEST_F(Topology, WithoutTheDeadLettersIsNotFound) {
    client().declare_queue(queue());
    const auto outcome = tried("");
    EXPECT_EQ(outcome.status, Status::not_found);
    expect_names(outcome, "dead_letters");
    expect_names(outcome, queue() + ".dlq");
}

TEST_F(Topology, WithoutAnExchangeIsNotFound) {
    client().declare_queue(queue());
    client().declare_queue(queue() + ".dlq");
    const auto outcome = tried(R"("exchanges": [{"name": "missing.events"}])");
    EXPECT_EQ(outcome.status, Status::not_found);
    expect_names(outcome, "exchange 'missing.events'");
}

TEST_F(Topology, OfAQueueOfAnotherTypeIsInvalid) {
    client().declare_queue(queue(), false);
    const auto outcome = tried(R"("topology": "declare")");
    EXPECT_EQ(outcome.status, Status::invalid);
    expect_names(outcome, "x-queue-type");
}

TEST_F(Topology, OfArgumentsThatRabbitMqDoesNotTakeIsInvalid) {
    const auto outcome = tried(R"("topology": "declare", "arguments": {"x-max-length": "many"})");
    EXPECT_EQ(outcome.status, Status::invalid);
    expect_names(outcome, "x-max-length");
}

TEST_F(Topology, ThatIsThereIsUsedAsItIs) {
    client().declare_queue(queue(), false);
    client().declare_queue("letters." + queue(), false);
    auto& in = consume(node(), R"("dead_letters": "letters.)" + queue() + "\"");
    client().publish("", queue(), "a");
    in.dead(in.wait_for("a"), "bad");
    (void)in.wait_for_dead(1);
    EXPECT_EQ(client().waiting("letters." + queue()), 1U);
}

TEST_F(Topology, ThatIsDeclaredLeadsFromTheExchangeToTheQueue) {
    const std::string events = queue() + ".events";
    auto& in = consume(
        node(), R"("topology": "declare", "queue_type": "classic", "exchanges": [{"name": ")" +
                    events + R"("}], "bindings": [{"exchange": ")" + events +
                    R"(", "routing_key": "order.#"}])");
    client().publish(events, "order.created", "a");
    const auto one = in.wait_for("a");
    EXPECT_EQ(one.destination, "order.created");
    EXPECT_EQ(one.exchange, events);
}

TEST_F(Topology, DeadLettersMayGoThroughAnExchange) {
    const std::string graves = queue() + ".graves";
    client().declare_exchange(graves, "direct");
    auto& in =
        consume(node(), R"("topology": "declare", "dead_letter_exchange": ")" + graves + "\"");
    client().publish("", queue(), "a");
    in.dead(in.wait_for("a"), "bad");
    (void)in.wait_for_dead(1);
    const auto letter = client().get(queue() + ".dlq");
    ASSERT_TRUE(letter);
    EXPECT_EQ(letter->exchange, graves);
}

TEST_F(Topology, DeletedIsNoticedNamedAndTakenUpAgain) {
    client().declare_queue(queue());
    client().declare_queue(queue() + ".dlq");
    auto& in = consume(node(), "");
    client().publish("", queue(), "a");
    in.ok(in.wait_for("a"));
    client().delete_queue(queue());
    wait_for_health(Health::degraded, queue());
    EXPECT_EQ(in.stats().connected, 0U);
    client().declare_queue(queue());
    wait_for_health(Health::ok);
    client().publish("", queue(), "b");
    in.ok(in.wait_for("b"));
}

TEST_F(Topology, DeletedIsMadeAgainWhereItIsDeclared) {
    auto& in = consume(node());
    client().delete_queue(queue());
    testkit::eventually(
        "the queue is there", [&] { return client().has_queue(queue()); }, kPatience);
    wait_for_health(Health::ok);
    client().publish("", queue(), "b");
    in.ok(in.wait_for("b"));
    EXPECT_GE(host.logged("source does not stand"), 1U);
}

// What is in flight from a deleted queue can still be buried.
TEST_F(Topology, DeletedLeavesWhatIsInFlight) {
    auto& in = consume(node());
    client().publish("", queue(), "a");
    const auto one = in.wait_for("a");
    client().delete_queue(queue());
    testkit::eventually(
        "the queue is there", [&] { return client().has_queue(queue()); }, kPatience);
    wait_for_health(Health::ok);
    in.dead(one, "bad");
    EXPECT_EQ(in.wait_for_dead(1).at(0).body, "a");
}

}  // namespace
}  // namespace belfry::test
