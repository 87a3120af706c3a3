// Parts that need no server.
#include "plugins/broker/kafka/backlog.hpp"
#include "plugins/broker/kafka/letters.hpp"
#include "plugins/broker/kafka/settings.hpp"
#include "plugins/broker/kafka/times.hpp"
#include "plugins/broker/kafka/tracker.hpp"

#include <belfry/abi.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace belfry::test {
namespace {

using kafka::Backlog;
using kafka::Incoming;
using kafka::Tracker;

TEST(KafkaTracker, CommitsNothingBeforeAnythingIsRead) {
    EXPECT_EQ(Tracker().to_commit(), std::nullopt);
    EXPECT_EQ(Tracker(7, 7).to_commit(), std::nullopt);
    EXPECT_EQ(Tracker(7).to_commit(), 7) << "where a group begins at the end of now";
}

TEST(KafkaTracker, CommitsTheLowestThatIsNotDone) {
    Tracker tracker(5, 5);
    for (const int offset : {5, 6, 8}) {  // a transaction's end leaves a gap
        tracker.began(offset);
    }
    EXPECT_TRUE(tracker.done(6));
    EXPECT_EQ(tracker.to_commit(), std::nullopt) << "5 is not done, and committed";
    EXPECT_TRUE(tracker.done(5));
    EXPECT_EQ(tracker.to_commit(), 8);
    tracker.committed(8);
    EXPECT_EQ(tracker.to_commit(), std::nullopt);
    EXPECT_TRUE(tracker.done(8));
    EXPECT_EQ(tracker.to_commit(), 9);
    EXPECT_EQ(tracker.next(), 9);
}

TEST(KafkaTracker, KnowsWhatIsNotOpen) {
    Tracker tracker;
    tracker.began(3);
    EXPECT_FALSE(tracker.done(4));
    EXPECT_TRUE(tracker.done(3));
    EXPECT_FALSE(tracker.done(3));
}

TEST(KafkaTracker, CommitsAgainWhatFailed) {
    Tracker tracker(0, 0);
    tracker.began(0);
    (void)tracker.done(0);
    tracker.committed(1);
    tracker.committed(Tracker::kUnknown);
    EXPECT_EQ(tracker.to_commit(), 1);
}

TEST(KafkaTracker, NeverPassesAnOpenOneInAnyOrder) {
    std::mt19937 random(1);
    std::vector<int> offsets(200);
    std::iota(offsets.begin(), offsets.end(), 0);
    Tracker tracker(0, 0);
    for (const int offset : offsets) {
        tracker.began(offset);
    }
    std::set<int> open(offsets.begin(), offsets.end());
    std::ranges::shuffle(offsets, random);
    for (const int offset : offsets) {
        (void)tracker.done(offset);
        open.erase(offset);
        const int lowest = open.empty() ? 200 : *open.begin();
        ASSERT_EQ(tracker.to_commit().value_or(0), lowest);
    }
}

kafka::IncomingPtr incoming(const std::string& body, const std::string& topic = "t") {
    auto one = std::make_unique<Incoming>();
    one->message.body = body;
    one->place = {topic, 0};
    return one;
}

TEST(KafkaBacklog, GivesWhatIsDueFirst) {
    Backlog backlog;
    backlog.add(incoming("new"));
    backlog.hold(200, incoming("later"));
    backlog.hold(100, incoming("sooner"));
    EXPECT_EQ(backlog.next_due(), 100);
    EXPECT_EQ(backlog.take(150)->message.body, "sooner");
    EXPECT_EQ(backlog.take(150)->message.body, "new");
    EXPECT_EQ(backlog.take(150), nullptr);
    EXPECT_FALSE(backlog.has(150));
    EXPECT_EQ(backlog.take(200)->message.body, "later");
    EXPECT_EQ(backlog.count(), 0U);
}

TEST(KafkaBacklog, IsFullByCountAndByBytesAndReadsOnMuchLater) {
    Backlog many;
    for (int i = 0; i < 2'000; ++i) {
        EXPECT_FALSE(many.is_full());
        many.add(incoming("x"));
    }
    EXPECT_TRUE(many.is_full());
    (void)many.take(0);
    EXPECT_FALSE(many.is_low()) << "not at once";
    Backlog large;
    large.hold(1, incoming(std::string(9'000'000, 'x')));
    EXPECT_TRUE(large.holds_much());
    EXPECT_FALSE(large.is_full()) << "what waits for its time holds up nobody";
    (void)large.take(1);
    EXPECT_TRUE(large.holds_little());
}

TEST(KafkaBacklog, DropsThePartitionThatWent) {
    Backlog backlog;
    backlog.add(incoming("a", "gone"));
    backlog.hold(1, incoming("b", "gone"));
    backlog.add(incoming("c", "kept"));
    backlog.drop([](const kafka::Place& place) { return place.first == "gone"; });
    EXPECT_EQ(backlog.take(9)->message.body, "c");
    EXPECT_EQ(backlog.count(), 0U);
}

kafka::Message sample() {
    kafka::Message message;
    message.destination = "orders";
    message.coordinates = "orders/3@1207.99";
    message.body = "b";
    message.time = 42;
    message.attempt = 2;
    message.headers = {{"x", "kept"}, {BF_HEADER_REASON, "made up"}, {"belfry-time", "made up"}};
    return message;
}

TEST(KafkaLetters, OfRetriesComeBackAsTheNextAttempt) {
    auto letter = kafka::retry_letter(sample(), 1'000);
    letter.destination = "g.retry";
    letter.coordinates = "g.retry/0@1.1";
    letter.time = 7;
    std::int64_t due = 0;
    kafka::restore_retry(letter, due);
    EXPECT_EQ(due, 1'000);
    EXPECT_EQ(letter.destination, "orders");
    EXPECT_EQ(letter.coordinates, "orders/3@1207.99");
    EXPECT_EQ(letter.time, 42);
    EXPECT_EQ(letter.attempt, 3U);
    EXPECT_EQ(letter.headers, (decltype(letter.headers){{"x", "kept"}}));
}

TEST(KafkaLetters, OfTheDeadSayWhyAndBeginAgain) {
    const auto dead =
        kafka::dead_letter(sample(), {"in", "no such user", 1'700'000'000'123'456'000});
    EXPECT_EQ(dead.header(BF_HEADER_REASON), "no such user");
    EXPECT_EQ(dead.header(BF_HEADER_ATTEMPTS), "2");
    EXPECT_EQ(dead.header(BF_HEADER_DEAD_AT), "2023-11-14T22:13:20.123456Z");
    auto revived = kafka::revived_letter(dead);
    std::int64_t due = 9;
    kafka::restore_retry(revived, due);
    EXPECT_EQ(due, 0);
    EXPECT_EQ(revived.attempt, 1U);
    EXPECT_EQ(revived.coordinates, "orders/3@1207.99");
    EXPECT_EQ(revived.header(BF_HEADER_REASON), "");
}

TEST(KafkaLetters, ThatAreNoneAreTakenAsTheyAre) {
    kafka::Message foreign;
    foreign.destination = "g.retry";
    foreign.coordinates = "g.retry/0@1.1";
    foreign.headers = {{BF_HEADER_ATTEMPTS, "-5x"}, {"belfry-not-before", "soon"}};
    std::int64_t due = 9;
    kafka::restore_retry(foreign, due);
    EXPECT_EQ(due, 0);
    EXPECT_EQ(foreign.attempt, 1U);
    EXPECT_EQ(foreign.destination, "g.retry");
    EXPECT_EQ(foreign.coordinates, "g.retry/0@1.1");
}

TEST(KafkaTimes, ComeBackFromTheirText) {
    for (const std::int64_t time : {std::int64_t{0}, std::int64_t{1'700'000'000'123'456'000},
                                    std::int64_t{951'782'400'000'000'000}}) {
        EXPECT_EQ(kafka::parse_rfc3339(kafka::rfc3339(time)), time) << kafka::rfc3339(time);
    }
    for (const auto* text : {"", "yesterday", "2023-13-14T22:13:20.123456Z"}) {
        EXPECT_EQ(kafka::parse_rfc3339(text), 0) << text;
    }
}

TEST(KafkaRetries, GrowToTheLongest) {
    const kafka::Retries retries{5, 100, 3, 1'000};
    EXPECT_EQ(kafka::delay_after(retries, 1), 100);
    EXPECT_EQ(kafka::delay_after(retries, 2), 300);
    EXPECT_EQ(kafka::delay_after(retries, 3), 900);
    EXPECT_EQ(kafka::delay_after(retries, 4), 1'000);
    EXPECT_EQ(kafka::delay_after(retries, 1'000'000), 1'000);
}

}  // namespace
}  // namespace belfry::test
