#include "daemon/mailbox/source.hpp"

#include "tests/unit/mailbox/core.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace belfry::test {
namespace {

/// Gives out what the test says and notes how it is settled.
class FakeBroker final : public Broker {
public:
    void publish(const Message&, Executor&, Callback<>) override {}
    void consume(const SourceConfig& source, Executor& home, Deliver deliver,
                 Callback<> done) override {
        name = source.name;
        deliver_ = std::move(deliver);
        home.post([done = std::move(done)]() mutable { done({}); });
    }
    void cancel(const std::string& source, Executor& home, Callback<> done) override {
        EXPECT_EQ(source, name);
        home.post([done = std::move(done)]() mutable { done({}); });
    }
    void settle(const std::string& source, std::span<const Settlement> settlements) override {
        EXPECT_EQ(source, name);
        settled.insert(settled.end(), settlements.begin(), settlements.end());
    }
    void pause(const std::string& source, bool paused) override {
        EXPECT_EQ(source, name);
        pauses.push_back(paused);
    }
    void broadcast(std::uint32_t, ByteView) override {}
    void listen(std::span<const std::uint32_t>, Executor&, Hear, Callback<>) override {}
    void source_stats(const std::string&, Executor&, Callback<SourceStats>) override {}
    const config::Schema* source_schema() const override { return nullptr; }
    void dead_letters(const std::string&, std::uint64_t, Executor&,
                      Callback<std::vector<Message>>) override {}
    void replay(const std::string&, std::uint64_t, Nanos, Executor&,
                Callback<std::uint64_t>) override {}

    void deliver(std::vector<Message> messages) { deliver_(std::move(messages)); }

    std::string name;
    std::vector<Settlement> settled;
    std::vector<bool> pauses;  ///< the calls

private:
    Deliver deliver_;
};

class SourceTest : public testing::Test {
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
        broker_, core_.mailbox, core_.home, {.name = "orders", .config = {}}, core_.metrics};
};

using Outcome = Settlement::Outcome;

TEST_F(SourceTest, AcknowledgesBehindTheCommit) {
    broker_.deliver({message(11, "1"), message(12, "2")});
    EXPECT_TRUE(broker_.settled.empty()) << "nothing is stored yet";
    core_.run(kSecond);
    ASSERT_EQ(broker_.settled.size(), 2U);
    EXPECT_EQ(settled(0).token, 11U);
    EXPECT_EQ(settled(0).outcome, Outcome::ok);
    EXPECT_EQ(settled(1).token, 12U);
    EXPECT_EQ(core_.entries("user:a").size(), 2U);
}

TEST_F(SourceTest, AcknowledgesWhatIsKnown) {
    broker_.deliver({message(1, "same")});
    core_.run(kSecond);
    broker_.deliver({message(2, "same")});
    core_.run(kSecond);
    ASSERT_EQ(broker_.settled.size(), 2U);
    EXPECT_EQ(settled(1).outcome, Outcome::ok);
    EXPECT_EQ(core_.entries("user:a").size(), 1U);
}

TEST_F(SourceTest, BuriesWhatIsOfNoUse) {
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

TEST_F(SourceTest, BuriesOtherContentUnderAKnownId) {
    broker_.deliver({message(1, "1", "one")});
    core_.run(kSecond);
    broker_.deliver({message(2, "1", "two")});
    core_.run(kSecond);
    EXPECT_EQ(settled(1).outcome, Outcome::dead);
}

using Tokens = std::vector<std::uint64_t>;
using Pauses = std::vector<bool>;

TEST_F(SourceTest, KeepsTheOrderWhenTheQueueIsFull) {
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

TEST_F(SourceTest, SettlesNothingWhileTheStorageIsAway) {
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

TEST_F(SourceTest, StartsAnewWithShortSteps) {
    for (int round = 0; round < 3; ++round) {
        const Nanos back = core_.world.now() + kSecond / 20;
        fail_commits([this, back] { return core_.world.now() < back; });
        broker_.deliver({message(1, std::to_string(round))});
        core_.run(kSecond / 5);
        EXPECT_EQ(broker_.settled.size(), static_cast<std::size_t>(round) + 1);
    }
    EXPECT_EQ(broker_.pauses, (Pauses{true, false, true, false, true, false}));
}

TEST_F(SourceTest, KeepsWhatFailedAndSettlesWhatWasStoredMeanwhile) {
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

TEST_F(SourceTest, BuriesWhatIsOfNoUseBehindAFailure) {
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

TEST_F(SourceTest, GivesBackWhatComesAtTheEnd) {
    core_.ingest.close([] {});
    broker_.deliver({message(1, "1"), message(2, "2")});
    core_.run();
    ASSERT_EQ(broker_.settled.size(), 2U);
    for (const Settlement& one : broker_.settled) {
        EXPECT_EQ(one.outcome, Outcome::retry);
        EXPECT_EQ(one.delay, kSecond);
    }
    EXPECT_TRUE(broker_.pauses.empty());
}

TEST_F(SourceTest, StopsThroughTheBroker) {
    bool stopped = false;
    source_.stop([&](const Result<>& result) { stopped = result.has_value(); });
    core_.run();
    EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace belfry::test
