#include "daemon/mailbox/source.hpp"
#include "tests/unit/mailbox/core.hpp"
#include "tests/unit/mailbox/fake_broker.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace belfry::test {
namespace {

class SourceIntakeTest : public testing::Test {
protected:
    void SetUp() override {
        bool started = false;
        source_.start([&](const Result<>& result) { started = result.has_value(); });
        core_.run();
        ASSERT_TRUE(started);
    }
    static Message message(std::uint64_t token, const std::string& id,
                           const std::string& body = "hi", const std::string& subject = "user:a") {
        return {.destination = "d",
                .id = id,
                .content_type = "text/plain",
                .body = body,
                .headers = {{"subject", subject}},
                .token = token};
    }
    const Settlement& settled(std::size_t index) { return broker_.settled.at(index); }
    /// The tokens in the order settled; each has to be acknowledged.
    std::vector<std::uint64_t> acknowledged() {
        std::vector<std::uint64_t> tokens;
        for (const Settlement& one : broker_.settled) {
            EXPECT_EQ(one.outcome, Settlement::Outcome::ok) << one.token;
            tokens.push_back(one.token);
        }
        return tokens;
    }
    /// The bodies in a stream by seq, in one string.
    std::string bodies(const std::string& stream = "user:a") {
        std::string all;
        for (const Entry& entry : core_.entries(stream)) {
            all += entry.notification->body;
        }
        return all;
    }
    double paused_gauge() {
        return core_.metrics.gauge("belfry_source_paused", "", {{"source", "orders"}}).Value();
    }
    void fail_commits(std::function<bool()> is_failing) {
        core_.storage.commit_fault = [is_failing =
                                          std::move(is_failing)]() -> std::optional<CommitFault> {
            if (is_failing()) {
                return CommitFault{{Code::unavailable, "disk full"}, false};
            }
            return std::nullopt;
        };
    }

    FakeBroker broker_;
    Core core_{{.queue = 2}};
    Source source_{
        {broker_, core_.mailbox, core_.home, core_.world, core_.world, core_.metrics},
        {.consumed = {.name = "orders", .config = {}}, .broker = "main", .envelope = {}}};
};

using Outcome = Settlement::Outcome;

TEST_F(SourceIntakeTest, AcknowledgesBehindTheCommit) {
    broker_.deliver({message(11, "1"), message(12, "2")});
    EXPECT_TRUE(broker_.settled.empty()) << "nothing is stored yet";
    core_.run(kSecond);
    ASSERT_EQ(broker_.settled.size(), 2U);
    EXPECT_EQ(settled(0).token, 11U);
    EXPECT_EQ(settled(0).outcome, Outcome::ok);
    EXPECT_EQ(settled(1).token, 12U);
    EXPECT_EQ(core_.entries("user:a").size(), 2U);
}

TEST_F(SourceIntakeTest, AcknowledgesWhatIsKnown) {
    broker_.deliver({message(1, "same")});
    core_.run(kSecond);
    broker_.deliver({message(2, "same")});
    core_.run(kSecond);
    ASSERT_EQ(broker_.settled.size(), 2U);
    EXPECT_EQ(settled(1).outcome, Outcome::ok);
    EXPECT_EQ(core_.entries("user:a").size(), 1U);
}

TEST_F(SourceIntakeTest, BuriesWhatIsOfNoUse) {
    broker_.deliver({message(1, "1", "hi", "nobody"), message(2, "2", "\xff"),
                     message(3, "3", std::string(70'000, 'x')), message(4, "4")});
    core_.run(kSecond);
    ASSERT_EQ(broker_.settled.size(), 4U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(settled(i).outcome, Outcome::dead) << i;
        EXPECT_FALSE(settled(i).reason.empty());
    }
    EXPECT_NE(settled(0).reason.find("subject"), std::string::npos);
    EXPECT_EQ(settled(3).outcome, Outcome::ok);
}

TEST_F(SourceIntakeTest, BuriesOtherContentUnderAKnownId) {
    broker_.deliver({message(1, "1", "one")});
    core_.run(kSecond);
    broker_.deliver({message(2, "1", "two")});
    core_.run(kSecond);
    EXPECT_EQ(settled(1).outcome, Outcome::dead);
    EXPECT_EQ(settled(1).reason,
              "refused: an event of this id was stored before with other content");
}

using Tokens = std::vector<std::uint64_t>;
using Pauses = std::vector<bool>;

TEST_F(SourceIntakeTest, KeepsTheOrderWhenTheQueueIsFull) {
    broker_.deliver({message(1, "1", "a"), message(2, "2", "b"), message(3, "3", "c")});
    EXPECT_EQ(broker_.pauses, Pauses{true});
    EXPECT_EQ(paused_gauge(), 1);
    core_.run(kSecond / 2);
    EXPECT_EQ(acknowledged(), (Tokens{1, 2}));
    broker_.deliver({message(4, "4", "d")});
    core_.run(kSecond / 4);
    EXPECT_EQ(broker_.settled.size(), 2U) << "the queue asks for a second, and 4 is behind 3";
    core_.run(kSecond);
    EXPECT_EQ(acknowledged(), (Tokens{1, 2, 3, 4}));
    EXPECT_EQ(bodies(), "abcd");
    EXPECT_EQ(broker_.pauses, (Pauses{true, false}));
    EXPECT_EQ(paused_gauge(), 0);
}

TEST_F(SourceIntakeTest, SettlesNothingWhileTheStorageIsAway) {
    const Nanos back = core_.world.now() + 30 * kSecond;
    fail_commits([this, back] { return core_.world.now() < back; });
    broker_.deliver({message(1, "1", "a"), message(2, "2", "b")});
    core_.run(kSecond);
    broker_.deliver({message(3, "3", "c"), message(4, "4", "d"), message(5, "5", "e")});
    core_.run(28 * kSecond);
    EXPECT_TRUE(broker_.settled.empty());
    EXPECT_EQ(broker_.pauses, Pauses{true});
    EXPECT_EQ(paused_gauge(), 1);
    EXPECT_LE(core_.storage.commits(), 12U) << "tries that come ever less often";
    core_.run(20 * kSecond);
    EXPECT_EQ(acknowledged(), (Tokens{1, 2, 3, 4, 5}));
    EXPECT_EQ(bodies(), "abcde");
    EXPECT_EQ(broker_.pauses, (Pauses{true, false}));
    EXPECT_EQ(paused_gauge(), 0);
}

TEST_F(SourceIntakeTest, StartsAnewWithShortSteps) {
    for (int round = 0; round < 3; ++round) {
        const Nanos back = core_.world.now() + kSecond / 20;
        fail_commits([this, back] { return core_.world.now() < back; });
        broker_.deliver({message(1, std::to_string(round))});
        core_.run(kSecond / 5);
        EXPECT_EQ(broker_.settled.size(), static_cast<std::size_t>(round) + 1);
    }
    EXPECT_EQ(broker_.pauses, (Pauses{true, false, true, false, true, false}));
}

TEST_F(SourceIntakeTest, KeepsWhatFailedAndSettlesWhatWasStoredMeanwhile) {
    // Two commits are under way; only the first fails.
    fail_commits([first = true]() mutable { return std::exchange(first, false); });
    core_.storage.delay = [] { return 10 * kMillisecond; };
    broker_.deliver({message(1, "1", "a", "user:a")});
    core_.run(kMillisecond);
    broker_.deliver({message(2, "2", "b", "user:b")});
    core_.run(11 * kMillisecond);
    EXPECT_EQ(broker_.pauses, Pauses{true});
    broker_.deliver({message(3, "3", "c", "user:a")});
    core_.run(kSecond);
    EXPECT_EQ(acknowledged(), (Tokens{2, 1, 3}));
    core_.storage.delay = nullptr;
    EXPECT_EQ(bodies("user:a"), "ac");
    EXPECT_EQ(bodies("user:b"), "b");
    EXPECT_EQ(broker_.pauses, (Pauses{true, false}));
}

TEST_F(SourceIntakeTest, BuriesWhatIsOfNoUseBehindAFailure) {
    const Nanos back = core_.world.now() + kSecond;
    fail_commits([this, back] { return core_.world.now() < back; });
    broker_.deliver({message(1, "1", "a")});
    core_.run(kSecond / 100);
    broker_.deliver({message(2, "1", "other"), message(3, "3", "c")});
    core_.run(5 * kSecond);
    ASSERT_EQ(broker_.settled.size(), 3U);
    EXPECT_EQ(settled(1).token, 2U);
    EXPECT_EQ(settled(1).outcome, Outcome::dead);
    EXPECT_EQ(bodies(), "ac");
    EXPECT_EQ(broker_.pauses, (Pauses{true, false}));
}

/// The broker gives it out again, to whoever comes next.
TEST_F(SourceIntakeTest, LeavesUnsettledWhatComesAtTheEnd) {
    core_.ingest.close([] {});
    broker_.deliver({message(1, "1"), message(2, "2")});
    core_.run(kSecond);
    EXPECT_TRUE(broker_.settled.empty());
    EXPECT_TRUE(broker_.pauses.empty());
}

TEST_F(SourceIntakeTest, HasDeliveredAgainWhatFailsForAnotherReason) {
    core_.storage.commit_fault = [first = true]() mutable -> std::optional<CommitFault> {
        return std::exchange(first, false)
                   ? std::optional(CommitFault{{Code::gone, "the app is away"}, false})
                   : std::nullopt;
    };
    broker_.deliver({message(1, "1", "a")});
    core_.run(kSecond);
    ASSERT_EQ(broker_.settled.size(), 1U);
    EXPECT_EQ(settled(0).outcome, Outcome::retry);
    EXPECT_EQ(settled(0).delay, 0) << "the source has a schedule of its own";
    EXPECT_EQ(settled(0).reason, "the app is away");
    EXPECT_TRUE(broker_.pauses.empty());
}

TEST_F(SourceIntakeTest, CountsReasonsOfAClosedSet) {
    broker_.deliver({message(1, "1", "hi", "nobody"), message(2, "2", "\xff"), message(3, "3"),
                     message(4, "4", std::string((1U << 20U) + 1, 'x'))});
    core_.run(kSecond);
    const auto count = [&](const char* reason) {
        return core_.metrics
            .counter("belfry_source_rejected_total", "", {{"source", "orders"}, {"reason", reason}})
            .Value();
    };
    EXPECT_EQ(count("undecodable"), 1);
    EXPECT_EQ(count("refused"), 1);
    EXPECT_EQ(count("oversize"), 1);
    EXPECT_EQ(count("unknown type"), 0);
    for (const Settlement& one : broker_.settled) {
        if (one.outcome == Outcome::dead) {
            EXPECT_TRUE(one.reason.starts_with("undecodable: ") ||
                        one.reason.starts_with("refused: ") || one.reason.starts_with("oversize: "))
                << one.reason;
            EXPECT_FALSE(one.reason.contains("nobody")) << one.reason;
        }
    }
}

}  // namespace
}  // namespace belfry::test
