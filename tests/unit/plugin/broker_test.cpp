#include "daemon/plugin/broker.hpp"

#include "daemon/config/rule.hpp"
#include "tests/unit/plugin/support.hpp"

namespace belfry::plugin::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class BrokerPlugin : public HostTest {
protected:
    void SetUp() override { begin("parrot-broker"); }
    void begin(const std::string& plugin) {
        run(plugin, Kind::broker);
        Waiter<> consuming;
        broker().consume(
            {"orders", "{}", 10}, home_,
            [this](std::vector<Message> messages) {
                for (Message& message : messages) {
                    delivered_.push_back(std::move(message));
                }
            },
            consuming.callback());
        ASSERT_TRUE(consuming.get());
        const std::vector<std::uint32_t> partitions{1, 2};
        Waiter<> listening;
        broker().listen(
            partitions, home_,
            [this](std::uint32_t partition, const SharedBytes& message) {
                heard_.emplace_back(partition, text_of(message.view()));
            },
            listening.callback());
        ASSERT_TRUE(listening.get());
    }
    Broker& broker() { return *host_->broker("one"); }
    static Message to(const std::string& destination) {
        Message message;
        message.destination = destination;
        return message;
    }
    Result<> publish(const Message& message) {
        Waiter<> waiter;
        broker().publish(message, home_, waiter.callback());
        auto result = waiter.get();
        home_.settle();
        return result;
    }

    std::vector<Message> delivered_;                            ///< only on home_
    std::vector<std::pair<std::uint32_t, std::string>> heard_;  ///< only on home_
};

TEST_F(BrokerPlugin, CarriesEveryPartOfAMessage) {
    const Message sent{"there", "ex", "key", "id",   "text/plain", "body", {{"a", "b"}, {"c", "d"}},
                       5,       6,    7,     "t/3@4"};
    ASSERT_TRUE(publish(sent));
    ASSERT_EQ(delivered_.size(), 1U);
    const Message& got = delivered_[0];
    EXPECT_EQ(got.destination + got.exchange + got.key + got.id + got.content_type + got.body +
                  got.coordinates,
              "thereexkeyidtext/plainbodyt/3@4");
    EXPECT_EQ(got.headers, sent.headers);
    EXPECT_EQ(got.time, 5);
    EXPECT_EQ(got.attempt, 6U);
    EXPECT_EQ(got.token, 7U);
}

TEST_F(BrokerPlugin, PassesOnWhyASourceFails) {
    Waiter<> consuming;
    broker().consume(
        {"orders", "[]", 10}, home_, [](const std::vector<Message>&) {}, consuming.callback());
    EXPECT_EQ(consuming.get().error().message, "bad source");
}

TEST_F(BrokerPlugin, RefusesDeliveriesAfterTheCancel) {
    Waiter<> cancelled;
    broker().cancel("orders", home_, cancelled.callback());
    ASSERT_TRUE(cancelled.get());
    ASSERT_TRUE(publish(to("late")));
    EXPECT_TRUE(delivered_.empty());
    EXPECT_THAT(status().violations,
                ElementsAre("deliver: called after the source had been cancelled"));
}

TEST_F(BrokerPlugin, RefusesMessagesThatAreNotThere) {
    ASSERT_TRUE(publish(to("null")));
    EXPECT_TRUE(delivered_.empty());
    EXPECT_THAT(status().violations, Contains(HasSubstr("deliver: messages that are not there")));
}

TEST_F(BrokerPlugin, SettlesPausesAndSpeaks) {
    const std::vector<Settlement> settlements{{Settlement::Outcome::ok, 4, 0, ""},
                                              {Settlement::Outcome::dead, 5, 9, "bad"}};
    broker().settle("orders", settlements);
    broker().pause("orders", true);
    broker().broadcast(2, bytes_of("hello"));
    home_.settle();
    EXPECT_THAT(heard_,
                ElementsAre(Pair(40, ""), Pair(52, "bad"), Pair(1001, "orders"), Pair(2, "hello")));
}

TEST_F(BrokerPlugin, GivesItsStatistics) {
    Waiter<SourceStats> waiter;
    broker().source_stats("orders", home_, waiter.callback());
    const auto stats = waiter.get();
    ASSERT_TRUE(stats);
    EXPECT_TRUE(stats->connected);
    EXPECT_EQ(stats->lag, 2U);
    EXPECT_EQ(stats->reconnects, 6U);
    EXPECT_EQ(stats->oldest, 7);
    EXPECT_EQ(stats->dead_letters, 8U);
}

TEST_F(BrokerPlugin, HasASchemaOfItsSources) {
    const config::Schema* schema = broker().source_schema();
    ASSERT_NE(schema, nullptr);
    EXPECT_TRUE(schema->root().properties.contains("queue"));
}

TEST_F(BrokerPlugin, GivesDeadLetters) {
    Waiter<std::vector<Message>> waiter;
    broker().dead_letters("2", 3, home_, waiter.callback());
    const auto letters = waiter.get();
    ASSERT_TRUE(letters);
    ASSERT_EQ(letters->size(), 2U);
    EXPECT_EQ(letters->at(1).destination, "dead");
}

TEST_F(BrokerPlugin, RefusesMoreDeadLettersThanWereAskedFor) {
    Waiter<std::vector<Message>> waiter;
    broker().dead_letters("many", 2, home_, waiter.callback());
    EXPECT_THAT(waiter.get().error().message, HasSubstr("3 dead letters, of at most 2"));
    EXPECT_THAT(status().violations, Contains(HasSubstr("dead_letters: 3 dead letters")));
}

TEST_F(BrokerPlugin, Replays) {
    Waiter<std::uint64_t> waiter;
    broker().replay("orders", 3, 40, home_, waiter.callback());
    EXPECT_EQ(waiter.get(), 43U);
}

class OldBroker : public BrokerPlugin {
protected:
    void SetUp() override { begin("old-broker"); }
};

TEST_F(OldBroker, LacksOnlyWhatIsNew) {
    EXPECT_EQ(broker().source_schema(), nullptr);
    Waiter<std::vector<Message>> letters;
    broker().dead_letters("1", 1, home_, letters.callback());
    EXPECT_EQ(letters.get().error().code, Code::refused);
    Waiter<std::uint64_t> replayed;
    broker().replay("orders", 1, 1, home_, replayed.callback());
    EXPECT_EQ(replayed.get().error().code, Code::refused);
    Waiter<SourceStats> waiter;
    broker().source_stats("orders", home_, waiter.callback());
    const auto stats = waiter.get();
    ASSERT_TRUE(stats);
    EXPECT_EQ(stats->reconnects, 6U);
    EXPECT_EQ(stats->oldest, 0);
    EXPECT_EQ(stats->dead_letters, UINT64_MAX);
    ASSERT_TRUE(publish(to("there")));
    EXPECT_EQ(delivered_.size(), 1U);
}

TEST_F(BrokerPlugin, LosesOfTheBusWhatNobodyTakes) {
    // Nothing runs on home_ meanwhile, so everything waits.
    std::promise<void> go;
    home_.post([&] { go.get_future().wait(); });
    constexpr int kSent = 70'000;
    for (int index = 0; index < kSent; ++index) {
        broker().broadcast(1, bytes_of("x"));
    }
    go.set_value();
    home_.settle();
    EXPECT_EQ(heard_.size(), 65'536U);
    EXPECT_THAT(metrics_.text(), HasSubstr(R"(belfry_bus_dropped_total{instance="one"} 4464)"));
}

}  // namespace
}  // namespace belfry::plugin::test
