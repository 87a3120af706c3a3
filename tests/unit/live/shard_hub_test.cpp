#include "daemon/live/hub.hpp"
#include "tests/unit/live/shard_hub_fixture.hpp"

namespace belfry::live::test {
namespace {

TEST_F(ShardHubTest, HandsOutWhatContinues) {
    FakeFollower& follower = follow("user:a");
    EXPECT_TRUE(interest_.may_have("user:a"));
    core_.run();
    EXPECT_EQ(follower.subscription.mode, Mode::live);
    publish("user:a", 3);
    publish("user:b");
    EXPECT_EQ(follower.take(), entries("user:a", 1, 3));
    EXPECT_EQ(pages(), 0);
}

TEST_F(ShardHubTest, EncodesOnceForAll) {
    for (int i = 0; i < 5; ++i) {
        follow("user:a");
    }
    core_.run();
    publish("user:a", 2);
    EXPECT_EQ(dialect_.encoded, 2);
    for (const auto& follower : followers_) {
        EXPECT_EQ(follower->take(), entries("user:a", 1, 2));
    }
}

TEST_F(ShardHubTest, ReadsWhatLiesBehindATokenAndGoesLive) {
    publish("user:a", 10);
    FakeFollower& follower = follow("user:a", behind(3));
    core_.run();
    EXPECT_EQ(follower.take(), entries("user:a", 4, 10));
    EXPECT_EQ(pages(), 2);
    EXPECT_EQ(follower.subscription.mode, Mode::live);
    publish("user:a");
    EXPECT_EQ(follower.take(), entries("user:a", 11, 11));
    EXPECT_EQ(pages(), 2);
}

TEST_F(ShardHubTest, ReadersOfTheSamePageShareIt) {
    publish("user:a", 8);
    for (int i = 0; i < 20; ++i) {
        follow("user:a", behind(0));
    }
    core_.run();
    EXPECT_EQ(pages(), 2);
    for (const auto& follower : followers_) {
        EXPECT_EQ(follower->take(), entries("user:a", 1, 8));
    }
}

TEST_F(ShardHubTest, FillsAGapFromStorage) {
    FakeFollower& follower = follow("user:a");
    core_.run();
    publish("user:a");
    publish("user:a", 2, false);
    publish("user:a");
    EXPECT_EQ(follower.subscription.mode, Mode::reading);
    core_.run();
    EXPECT_EQ(follower.take(), entries("user:a", 1, 4));
    announce("user:a", 3);
    announce("user:a", 4);
    EXPECT_EQ(follower.take(), "") << "old news";
}

TEST_F(ShardHubTest, TheSweepFindsALostLastEntry) {
    hub_.start_sweeping();
    FakeFollower& follower = follow("user:a");
    core_.run();
    publish("user:a", 2, false);
    EXPECT_EQ(follower.take(), "");
    core_.run(6 * kSecond);
    EXPECT_EQ(follower.take(), entries("user:a", 1, 2));
}

TEST_F(ShardHubTest, ALaggardWaitsAndResumesFromStorage) {
    FakeFollower& slow = follow("user:a");
    FakeFollower& fast = follow("user:a");
    core_.run();
    publish("user:a");
    slow.is_stuck = true;
    publish("user:a", 3);
    EXPECT_EQ(slow.subscription.mode, Mode::waiting);
    EXPECT_EQ(fast.take(), entries("user:a", 1, 4));
    EXPECT_EQ(slow.take(), entries("user:a", 1, 1));
    hub_.resume(fast.subscription);
    slow.is_stuck = false;
    hub_.resume(slow.subscription);
    EXPECT_EQ(slow.subscription.mode, Mode::reading);
    core_.run();
    EXPECT_EQ(slow.take(), entries("user:a", 2, 4));
    EXPECT_EQ(slow.subscription.mode, Mode::live);
    EXPECT_EQ(fast.take(), "");
}

TEST_F(ShardHubTest, AReaderTakesOnePageAtATime) {
    publish("user:a", 10);
    FakeFollower& follower = follow("user:a", behind(0));
    follower.is_stuck = true;
    core_.run();
    EXPECT_EQ(follower.take(), entries("user:a", 1, 4));
    EXPECT_EQ(follower.subscription.mode, Mode::waiting);
    follower.is_stuck = false;
    hub_.resume(follower.subscription);
    core_.run();
    EXPECT_EQ(follower.take(), entries("user:a", 5, 10));
}

TEST_F(ShardHubTest, TellsOfWhatRetentionTookFromAReader) {
    publish("user:a", 10);
    FakeFollower& follower = follow("user:a", behind(0));
    follower.is_stuck = true;
    core_.run();
    EXPECT_EQ(follower.take(), entries("user:a", 1, 4));
    submit(Trim{.stream = "user:a", .keep = 2, .limit = 100});
    follower.is_stuck = false;
    hub_.resume(follower.subscription);
    core_.run();
    EXPECT_EQ(follower.take(), "lost expired 8\n" + entries("user:a", 9, 10));
}

TEST_F(ShardHubTest, TellsOfANewEpochAndGivesItsEntries) {
    publish("user:a", 5);
    FakeFollower& follower = follow("user:a", behind(5));
    core_.run();
    EXPECT_EQ(follower.take(), "");
    submit(Reset{"user:a"});
    publish("user:a", 2);
    EXPECT_EQ(follower.take(), "lost epoch_changed 0\n" + entries("user:a", 1, 2));
}

TEST_F(ShardHubTest, ANewEpochMovesAReaderOnce) {
    publish("user:a", 8);
    FakeFollower& follower = follow("user:a", behind(0));
    follower.is_stuck = true;
    core_.run();
    follower.take();
    submit(Reset{"user:a"});
    publish("user:a", 6, false);
    core_.storage.delay = [] { return 10 * kMillisecond; };
    follower.is_stuck = false;
    hub_.resume(follower.subscription);  // reads behind 4, of what is the new epoch by now
    announce("user:a", 6, 2);
    core_.run(kSecond);
    EXPECT_EQ(follower.take(), "lost epoch_changed 5\n" + entries("user:a", 6, 6));
}

TEST_F(ShardHubTest, TellsWhereATokenIsOfNoUse) {
    publish("user:a", 3);
    FakeFollower& ahead = follow("user:a", behind(4));
    FakeFollower& other = follow("user:a", behind(1, 9));
    core_.run();
    EXPECT_EQ(ahead.take(), "unrecovered ahead\n");
    EXPECT_EQ(other.take(), "unrecovered epoch_changed\n");
    publish("user:a");
    EXPECT_EQ(ahead.take(), entries("user:a", 4, 4));
}

TEST_F(ShardHubTest, GoesOnFromADevicesCursor) {
    publish("user:a", 5);
    submit(MoveCursor{"user:a", "phone", 3, 0});
    FakeFollower& phone = follow("user:a", {Since::From::device, {}, "phone"});
    FakeFollower& tablet = follow("user:a", {Since::From::device, {}, "tablet"});
    core_.run();
    EXPECT_EQ(phone.take(), entries("user:a", 4, 5));
    EXPECT_EQ(tablet.take(), "");
}

TEST_F(ShardHubTest, MissesNothingThatCommitsWhileItStarts) {
    publish("user:a", 2);
    core_.storage.delay = [] { return 10 * kMillisecond; };
    FakeFollower& follower = follow("user:a");
    core_.run(0);  // the head is read, its answer on the way
    publish("user:a");
    core_.run(kSecond);
    EXPECT_EQ(follower.take(), entries("user:a", 3, 3));
}

TEST_F(ShardHubTest, MayBeLeftInEveryMode) {
    publish("user:a", 8);
    core_.storage.delay = [] { return 10 * kMillisecond; };
    for (const Nanos moment :
         {Nanos{0}, 5 * kMillisecond, 15 * kMillisecond, 25 * kMillisecond, kSecond}) {
        for (const Since& since : {behind(0), behind(8), Since{Since::From::device, {}, "phone"}}) {
            follow("user:a", since);
            FakeFollower& stays = follow("user:a", since);
            core_.run(moment);
            followers_.erase(followers_.begin());
            core_.run(kSecond);
            EXPECT_EQ(stays.take(), since.token.seq == 0 && since.from == Since::From::token
                                        ? entries("user:a", 1, 8)
                                        : "");
            followers_.clear();
            EXPECT_EQ(hub_.streams(), 0U);
            EXPECT_FALSE(interest_.may_have("user:a"));
        }
    }
}

TEST_F(ShardHubTest, TheHubPostsToShardsThatMayFollow) {
    Hub hub({{core_.home, interest_, hub_}});
    const auto batch = std::make_shared<std::vector<Place>>();
    batch->push_back({"user:a", 1, {EntryKind::notification, 0, 1, 0, some_}});
    FakeFollower& follower = follow("user:a");
    core_.run();
    hub.publish(batch);
    EXPECT_EQ(follower.take(), "") << "on the shard's executor, later";
    core_.run();
    EXPECT_EQ(follower.take(), entries("user:a", 1, 1));
}

}  // namespace
}  // namespace belfry::live::test
