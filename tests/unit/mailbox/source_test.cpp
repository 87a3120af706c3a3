#include "daemon/mailbox/source.hpp"

#include "tests/unit/mailbox/core.hpp"

#include <gtest/gtest.h>

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
    void pause(const std::string&, bool) override {}
    void broadcast(std::uint32_t, ByteView) override {}
    void listen(std::span<const std::uint32_t>, Executor&, Hear, Callback<>) override {}
    void source_stats(const std::string&, Executor&, Callback<SourceStats>) override {}

    void deliver(std::vector<Message> messages) { deliver_(std::move(messages)); }

    std::string name;
    std::vector<Settlement> settled;

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

TEST_F(SourceTest, GivesBackWhatDoesNotFit) {
    broker_.deliver({message(1, "1"), message(2, "2"), message(3, "3")});
    ASSERT_EQ(broker_.settled.size(), 1U);
    EXPECT_EQ(settled(0).token, 3U);
    EXPECT_EQ(settled(0).outcome, Outcome::retry);
    EXPECT_GE(settled(0).delay, kSecond);
    core_.run(kSecond);
    EXPECT_EQ(broker_.settled.size(), 3U);
}

TEST_F(SourceTest, GivesBackWhatTheStorageCannotTake) {
    core_.storage.commit_fault = [] {
        return CommitFault{{Code::unavailable, "disk full"}, false};
    };
    broker_.deliver({message(1, "1")});
    core_.run(kSecond);
    ASSERT_EQ(broker_.settled.size(), 1U);
    EXPECT_EQ(settled(0).outcome, Outcome::retry);
    EXPECT_GE(settled(0).delay, kSecond);
}

TEST_F(SourceTest, StopsThroughTheBroker) {
    bool stopped = false;
    source_.stop([&](const Result<>& result) { stopped = result.has_value(); });
    core_.run();
    EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace belfry::test
