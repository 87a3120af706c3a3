#include "daemon/mailbox/ingest.hpp"

#include "tests/unit/mailbox/core.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

Group append(const std::string& title, const std::string& stream = "user:a") {
    auto notification = std::make_shared<Notification>();
    notification->id = title;
    notification->title = title;
    Append op;
    op.notification = std::move(notification);
    op.streams.push_back(stream);
    Group group;
    group.emplace_back(std::move(op));
    return group;
}

/// Fails: the document is not there.
Group failing() {
    Group group = append("failing");
    group.emplace_back(Delete{.collection = "c", .id = "none", .expected_version = 3});
    return group;
}

using Answer = Result<std::vector<OpResult>>;

class IngestTest : public testing::Test {
protected:
    void submit(Core& core, Group group, const std::string& name) {
        core.ingest.submit(std::move(group), [&core, name](const Answer& answer) {
            core.log.push_back(name +
                               (answer ? "" : '!' + std::string(name_of(answer.error().code))));
        });
    }
    std::vector<std::string> titles(Core& core) {
        std::vector<std::string> found;
        for (const Entry& entry : core.entries("user:a")) {
            found.push_back(entry.notification->title);
        }
        return found;
    }
};

using Names = std::vector<std::string>;

TEST_F(IngestTest, WaitsForNothingWhenIdle) {
    Core core;
    submit(core, append("1"), "1");
    EXPECT_EQ(core.ingest.depth(), 1U);
    core.run(0);
    EXPECT_EQ(core.log, (Names{"heard", "1"}));
    EXPECT_EQ(core.heard, Names{"user:a#1"});
    EXPECT_EQ(core.ingest.depth(), 0U);
}

TEST_F(IngestTest, GroupsSharedCommitsKeepTheirOrder) {
    Core core;
    core.storage.delay = [] { return 10 * kMillisecond; };
    Names wanted;
    for (int i = 0; i < 100; ++i) {
        submit(core, append(std::to_string(i)), std::to_string(i));
        wanted.push_back(std::to_string(i));
        core.run(100'000);  // 0.1 ms
    }
    core.run(kSecond);
    core.storage.delay = nullptr;
    EXPECT_LT(core.storage.commits(), 12U);
    EXPECT_EQ(titles(core), wanted);
    std::erase(core.log, "heard");
    EXPECT_EQ(core.log, wanted);
    EXPECT_EQ(core.heard.size(), 100U);
    EXPECT_EQ(core.heard.back(), "user:a#100");
}

TEST_F(IngestTest, ACommitHasNoMoreThanABatch) {
    Core core({.batch = 10});
    for (int i = 0; i < 95; ++i) {
        submit(core, append(std::to_string(i)), "x");
    }
    core.run(kSecond);
    EXPECT_EQ(core.storage.commits(), 10U);
    EXPECT_EQ(core.heard.size(), 95U);
}

TEST_F(IngestTest, RefusesBeyondItsCount) {
    Core core({.queue = 2});
    submit(core, append("1"), "1");
    submit(core, append("2"), "2");
    Answer refused;
    core.ingest.submit(append("3"), [&](Answer answer) { refused = std::move(answer); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unavailable);
    EXPECT_EQ(refused.error().retry_after, kSecond);
    core.run();
    EXPECT_EQ(titles(core), (Names{"1", "2"}));
    submit(core, append("4"), "4");
    core.run();
    EXPECT_EQ(titles(core), (Names{"1", "2", "4"}));
}

TEST_F(IngestTest, RefusesBeyondItsBytes) {
    Core core({.queue_bytes = 10'000});
    submit(core, append(std::string(6000, 'a')), "1");
    submit(core, append(std::string(6000, 'b')), "2");
    EXPECT_EQ(core.log, Names{"2!unavailable"});
    submit(core, append("small"), "3");
    core.run();
    submit(core, append(std::string(6000, 'c')), "4");
    core.run();
    EXPECT_EQ(core.heard.size(), 3U);
    EXPECT_EQ(core.log.back(), "4");
}

TEST_F(IngestTest, AFailureLeavesItsNeighbours) {
    Core core;
    submit(core, append("1"), "1");
    submit(core, failing(), "2");
    submit(core, append("3"), "3");
    core.run();
    EXPECT_EQ(core.storage.commits(), 1U);
    EXPECT_EQ(core.log, (Names{"heard", "1", "2!not_found", "3"}));
    EXPECT_EQ(core.heard, (Names{"user:a#1", "user:a#2"}));
    EXPECT_EQ(titles(core), (Names{"1", "3"}));
}

TEST_F(IngestTest, AFailedCommitFailsAllOfIt) {
    Core core;
    core.storage.commit_fault = [] { return CommitFault{{Code::unavailable, "disk full"}, false}; };
    submit(core, append("1"), "1");
    submit(core, append("2"), "2");
    core.run(kSecond);
    EXPECT_EQ(core.log, (Names{"1!unavailable", "2!unavailable"}));
    EXPECT_TRUE(core.heard.empty());
    EXPECT_EQ(core.ingest.depth(), 0U);
}

class UnknownOutcomeTest : public IngestTest, public testing::WithParamInterface<bool> {};

TEST_P(UnknownOutcomeTest, IsRepeatedAndStoredOnce) {
    Core core;
    int faults = 3;
    core.storage.commit_fault = [&]() -> std::optional<CommitFault> {
        if (faults-- > 0) {
            return CommitFault{{Code::retry, "connection lost"}, GetParam()};
        }
        return std::nullopt;
    };
    submit(core, append("1"), "1");
    submit(core, append("2", "topic:x"), "2");
    core.run(kSecond);
    EXPECT_EQ(core.storage.commits(), 4U);
    EXPECT_EQ(core.log, (Names{"heard", "1", "2"}));
    EXPECT_EQ(core.heard, (Names{"user:a#1", "topic:x#1"}));
    EXPECT_EQ(titles(core), Names{"1"});
}

INSTANTIATE_TEST_SUITE_P(Ingest, UnknownOutcomeTest, testing::Bool());

TEST_F(IngestTest, CloseFinishesWhatIsQueuedAndRefusesTheRest) {
    Core core({.batch = 2});
    core.storage.delay = [] { return 10 * kMillisecond; };
    for (int i = 0; i < 5; ++i) {
        submit(core, append(std::to_string(i)), std::to_string(i));
    }
    core.ingest.close([&] { core.log.emplace_back("idle"); });
    submit(core, append("late"), "late");
    core.run(kSecond);
    std::erase(core.log, "heard");
    EXPECT_EQ(core.log, (Names{"late!closed", "0", "1", "2", "3", "4", "idle"}));
    core.storage.delay = nullptr;
    EXPECT_EQ(titles(core).size(), 5U);
}

TEST_F(IngestTest, CloseOfAnIdleOneIsIdle) {
    Core core;
    bool idle = false;
    core.ingest.close([&] { idle = true; });
    core.run();
    EXPECT_TRUE(idle);
}

}  // namespace
}  // namespace belfry::test
