#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

#include <set>
#include <thread>

namespace belfry::storage_test {
namespace {

std::string ids(const sdk::Jobs& jobs) {
    std::string all;
    for (const auto& job : jobs.jobs) {
        all += job.id + " ";
    }
    return all;
}

class Jobs : public testing::Test {
protected:
    Folder folder;
    Store store{folder.file("b.db")};
};

TEST_F(Jobs, AreLeasedUntilSettled) {
    const std::string payload("\0\x01", 2);
    EXPECT_EQ(store.commit(Group().owe("q", "a", 10, "", payload).owe("q", "b", 20)).status,
              Status::ok);
    EXPECT_EQ(store.commit(Group().owe("q", "a", 99)).results[0].status, Status::duplicate);
    EXPECT_EQ(ids(store.claim("q", 5, 50, 10)), "");
    const auto first = store.claim("q", 10, 50, 10);
    ASSERT_EQ(ids(first), "a ");
    EXPECT_EQ(first.jobs[0].payload, payload);
    EXPECT_EQ(first.jobs[0].attempt, 1U);
    EXPECT_EQ(ids(store.claim("q", 30, 60, 10)), "b ");
    EXPECT_EQ(ids(store.claim("q", 49, 60, 10)), "");

    const auto second = store.claim("q", 50, 90, 10);  // the lease of the first claim is over
    ASSERT_EQ(ids(second), "a ");
    EXPECT_EQ(second.jobs[0].attempt, 2U);
    EXPECT_GT(second.jobs[0].lease, first.jobs[0].lease);
    EXPECT_EQ(store.commit(Group().settle(first.jobs[0], BF_SETTLE_DONE)).status, Status::conflict);
    EXPECT_EQ(store.commit(Group().settle(second.jobs[0], BF_SETTLE_AGAIN, 200)).status,
              Status::ok);
    EXPECT_EQ(store.commit(Group().settle(second.jobs[0], BF_SETTLE_DONE)).status,
              Status::conflict);
    EXPECT_EQ(ids(store.claim("q", 199, 300, 10)), "b ");
    const auto third = store.claim("q", 200, 300, 10);
    ASSERT_EQ(ids(third), "a ");
    EXPECT_EQ(store.commit(Group().settle(third.jobs[0], BF_SETTLE_DEAD, 0, "broke")).status,
              Status::ok);
    EXPECT_EQ(ids(store.claim("q", 1'000, 2'000, 10)), "b ");
    const auto dead = store.jobs("q", BF_JOB_DEAD);
    ASSERT_EQ(ids(dead), "a ");
    EXPECT_EQ(dead.jobs[0].reason, "broke");
    EXPECT_EQ(store.commit(Group().settle(dead.jobs[0], BF_SETTLE_DONE)).status, Status::ok);
    EXPECT_EQ(ids(store.jobs("q", BF_JOB_DEAD)), "");
    EXPECT_EQ(ids(store.jobs("q", BF_JOB_PENDING)), "b ");
}

TEST_F(Jobs, ALeaseIsNeverGivenTwice) {
    store.commit(Group().owe("q", "a", 1));
    const auto old = store.claim("q", 1, 2, 1);
    store.commit(Group().settle(old.jobs.at(0), BF_SETTLE_DONE));
    store.commit(Group().owe("q", "a", 1));
    const auto fresh = store.claim("q", 1, 2, 1);
    EXPECT_NE(fresh.jobs.at(0).lease, old.jobs.at(0).lease);
    EXPECT_EQ(store.commit(Group().settle(old.jobs.at(0), BF_SETTLE_DONE)).status,
              Status::conflict);
}

TEST_F(Jobs, OfALaneAreClaimedInOrder) {
    store.commit(Group()
                     .owe("q", "2", 20, "lane")
                     .owe("q", "1", 10, "lane")
                     .owe("q", "3", 30, "lane")
                     .owe("q", "other", 40, "else")
                     .owe("q", "free", 50));
    const auto first = store.claim("q", 100, 200, 1);
    ASSERT_EQ(ids(first), "1 ");
    EXPECT_EQ(ids(store.claim("q", 100, 150, 10)), "other free ");
    EXPECT_EQ(ids(store.claim("q", 149, 150, 10)), "");
    store.commit(Group().settle(first.jobs[0], BF_SETTLE_DONE));
    EXPECT_EQ(ids(store.claim("q", 140, 300, 2)), "2 3 ");
}

TEST_F(Jobs, AreClaimedOnceByManyThreads) {
    constexpr int kJobs = 2'000;
    for (int i = 0; i < kJobs; i += 100) {
        Group group;
        for (int k = i; k < i + 100; ++k) {
            group.owe("q", std::to_string(k), k);
        }
        store.commit(group);
    }
    std::mutex mutex;
    std::multiset<std::string> claimed;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (;;) {
                const auto jobs = store.claim("q", kJobs, kJobs + 1, 17);
                if (jobs.jobs.empty()) {
                    return;
                }
                const std::lock_guard lock(mutex);
                for (const auto& job : jobs.jobs) {
                    claimed.insert(job.id);
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(claimed.size(), static_cast<std::size_t>(kJobs));
    EXPECT_EQ(std::set(claimed.begin(), claimed.end()).size(), static_cast<std::size_t>(kJobs));
}

TEST_F(Jobs, AClaimThatEndsBeforeItBeginsIsInvalid) {
    auto outcome = testkit::await<sdk::Jobs>(store.instance, "claim", [&](bf_done done) {
        store.table.claim(store.instance.handle(), sdk::str("q"), 10, 10, 1, done);
    });
    EXPECT_EQ(outcome.status, Status::invalid);
}

}  // namespace
}  // namespace belfry::storage_test
