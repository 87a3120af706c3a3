/// What another node says of its commits.
#include "tests/unit/live/shard_hub_fixture.hpp"

namespace belfry::live::test {
namespace {

TEST_F(ShardHubTest, HearsOfAnotherNodesCommits) {
    FakeFollower& follower = follow("user:a");
    core_.run();
    publish("user:a", 3, false);
    const auto hear = [this](std::uint64_t seq, std::uint64_t epoch = 1) {
        hub_.on_heard({{{"user:a", epoch, {EntryKind::notification, 0, seq, 0, some_}}}, {}});
    };
    hear(1);
    EXPECT_EQ(follower.take(), entries("user:a", 1, 1)) << "without a read";
    hear(1);
    EXPECT_EQ(follower.take(), "") << "repeated";
    hear(3);
    core_.run();
    EXPECT_EQ(follower.take(), entries("user:a", 2, 3)) << "a gap is read";
    hear(2);
    core_.run();
    EXPECT_EQ(follower.take(), "") << "late";
}

TEST_F(ShardHubTest, ReadsWhatItHearsOnlyTheHeadOf) {
    FakeFollower& follower = follow("user:a");
    core_.run();
    publish("user:a", 3, false);
    hub_.on_heard({{}, {{true, 1, 1, 3, 0, "user:a"}, {true, 1, 1, 9, 0, "user:b"}}});
    core_.run();
    EXPECT_EQ(follower.take(), entries("user:a", 1, 3));
}

TEST_F(ShardHubTest, AMessageOfAnOlderEpochChangesNothing) {
    hub_.start_sweeping();
    publish("user:a", 2);
    FakeFollower& follower = follow("user:a");
    core_.run();
    submit(Reset{"user:a"});
    core_.run(6 * kSecond);
    EXPECT_EQ(follower.take(), "lost epoch_changed 0\n");
    hub_.on_heard({{{"user:a", 1, {EntryKind::notification, 0, 3, 0, some_}}},
                   {{true, 1, 1, 3, 0, "user:a"}}});
    core_.run(kSecond);
    EXPECT_EQ(follower.take(), "");
    publish("user:a");
    EXPECT_EQ(follower.take(), entries("user:a", 1, 1));
}

TEST_F(ShardHubTest, AMessageOfANewEpochIsAskedFor) {
    publish("user:a", 2);
    FakeFollower& follower = follow("user:a");
    core_.run();
    submit(Reset{"user:a"});
    publish("user:a", 1, false);
    hub_.on_heard({{{"user:a", 2, {EntryKind::notification, 0, 1, 0, some_}}}, {}});
    core_.run(10 * kMillisecond);
    EXPECT_EQ(follower.take(), "lost epoch_changed 1\n");
}

TEST_F(ShardHubTest, WhatIsNotInTheStorageIsNotWaitedFor) {
    publish("user:a", 2);
    FakeFollower& follower = follow("user:a");
    core_.run();
    hub_.on_heard({{}, {{true, 1, 1, 1'000'000, 0, "user:a"}}});
    core_.run(kSecond);
    EXPECT_LE(pages(), 1) << "asked once, and not again and again";
    publish("user:a");
    core_.run();
    EXPECT_EQ(follower.take(), entries("user:a", 3, 3));
}

TEST_F(ShardHubTest, SweepsMoreOftenWhileItHearsLess) {
    hub_.start_sweeping();
    FakeFollower& follower = follow("user:a");
    core_.run();
    publish("user:a", 1, false);
    core_.run(2 * kSecond);
    EXPECT_EQ(follower.take(), "") << "every five seconds";
    core_.run(4 * kSecond);
    EXPECT_EQ(follower.take(), entries("user:a", 1, 1));
    hub_.hurry(true);
    publish("user:a", 1, false);
    core_.run(1100 * kMillisecond);
    EXPECT_EQ(follower.take(), entries("user:a", 2, 2));
}

}  // namespace
}  // namespace belfry::live::test
