// Durable queues: leases, fencing, lanes.
#include "sdk/testkit/conformance/crew.hpp"
#include "sdk/testkit/conformance/kit.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace belfry::conformance {
namespace {

class Jobs : public Case {
protected:
    static std::string ids(const sdk::Jobs& jobs) {
        std::string all;
        for (const auto& job : jobs.jobs) {
            all += job.id + " ";
        }
        return all;
    }
    Status settle(const sdk::Job& job, std::uint32_t outcome, std::int64_t due = 0,
                  std::string_view reason = {}) {
        return store().commit(Group().settle(job, outcome, due, reason)).status;
    }
    sdk::Job claim_one(std::int64_t now, std::int64_t until) {
        auto jobs = store().claim("q", now, until, 1).jobs;
        if (jobs.size() != 1) {
            throw testkit::Failed("claim: expected 1 job, found " + std::to_string(jobs.size()));
        }
        return std::move(jobs[0]);
    }
};

TEST_F(Jobs, AreOwedOnce) {
    EXPECT_EQ(store().commit(Group().owe("q", "a", 10, "", "first")).results.at(0).status,
              Status::ok);
    const auto again = store().commit(Group().owe("q", "a", 1, "lane", "second").owe("q", "b", 5));
    ASSERT_EQ(again.status, Status::ok);
    EXPECT_EQ(again.results[0].status, Status::duplicate);
    EXPECT_EQ(again.results[1].status, Status::ok);
    const auto jobs = store().jobs("q", BF_JOB_PENDING).jobs;
    ASSERT_EQ(jobs.size(), 2U);
    EXPECT_EQ(jobs[0].payload, "first");
    EXPECT_EQ(jobs[0].due, 10);
    EXPECT_EQ(jobs[0].lane, "");
    EXPECT_EQ(store().commit(Group().owe("other", "a", 1)).results.at(0).status, Status::ok);
}

TEST_F(Jobs, AreClaimedInTheOrderOfDue) {
    store().commit(Group().owe("q", "c", 30).owe("q", "a", 40).owe("q", "b", 10).owe("q", "d", 20));
    store().commit(Group().owe("p", "other", 1));
    EXPECT_EQ(ids(store().claim("q", 9, 100, 10)), "");
    EXPECT_EQ(ids(store().claim("q", 10, 100, 10)), "b ");
    EXPECT_EQ(ids(store().claim("q", 50, 100, 2)), "d c ");
    EXPECT_EQ(ids(store().claim("q", 50, 100, 2)), "a ");
    EXPECT_EQ(ids(store().claim("q", 50, 100, 2)), "");
    EXPECT_EQ(ids(store().claim("nothing", 50, 100, 2)), "");
}

TEST_F(Jobs, AreLeasedUntilTheLeaseEnds) {
    store().commit(Group().owe("q", "a", 10));
    const auto first = claim_one(10, 50);
    EXPECT_EQ(first.attempt, 1U);
    EXPECT_NE(first.lease, 0U);
    EXPECT_EQ(ids(store().claim("q", 49, 90, 10)), "");
    restart();
    EXPECT_EQ(ids(store().claim("q", 49, 90, 10)), "");
    const auto second = claim_one(51, 90);
    EXPECT_EQ(second.attempt, 2U);
    EXPECT_NE(second.lease, first.lease);
    EXPECT_EQ(settle(first, BF_SETTLE_DONE), Status::conflict);
    EXPECT_EQ(settle(first, BF_SETTLE_AGAIN, 1), Status::conflict);
    EXPECT_EQ(settle(first, BF_SETTLE_DEAD), Status::conflict);
    EXPECT_EQ(settle(second, BF_SETTLE_DONE), Status::ok);
    EXPECT_EQ(ids(store().jobs("q", BF_JOB_PENDING)), "");
    EXPECT_EQ(settle(second, BF_SETTLE_DONE), Status::conflict);
}

TEST_F(Jobs, WhoseLeaseHasEndedAreStillItsOwnUntilTheyAreClaimed) {
    store().commit(Group().owe("q", "a", 10));
    const auto claimed = claim_one(10, 11);
    EXPECT_EQ(ids(store().claim("q", 9, 99, 1)), "");
    EXPECT_EQ(settle(claimed, BF_SETTLE_DONE), Status::ok);
}

TEST_F(Jobs, ThatNobodyClaimedCannotBeSettled) {
    store().commit(Group().owe("q", "a", 10));
    for (const std::uint64_t lease : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX / 2}) {
        sdk::Job job;
        job.queue = "q";
        job.id = "a";
        job.lease = lease;
        EXPECT_EQ(settle(job, BF_SETTLE_DONE), Status::conflict) << lease;
        EXPECT_EQ(settle(job, BF_SETTLE_AGAIN, 1), Status::conflict) << lease;
        job.id = "missing";
        EXPECT_EQ(settle(job, BF_SETTLE_DONE), Status::conflict) << lease;
    }
    EXPECT_EQ(ids(store().jobs("q", BF_JOB_PENDING)), "a ");
}

TEST_F(Jobs, AreTriedAgainFromTheirNewTime) {
    store().commit(Group().owe("q", "a", 10, "", "payload"));
    const auto first = claim_one(10, 1'000);
    EXPECT_EQ(settle(first, BF_SETTLE_AGAIN, 200), Status::ok);
    EXPECT_EQ(settle(first, BF_SETTLE_DONE), Status::conflict);
    EXPECT_EQ(ids(store().claim("q", 199, 1'000, 10)), "");
    const auto second = claim_one(200, 1'000);
    EXPECT_EQ(second.attempt, 2U);
    EXPECT_EQ(second.due, 200);
    EXPECT_EQ(second.payload, "payload");
    EXPECT_NE(second.lease, first.lease);
}

TEST_F(Jobs, ThatAreDeadAreKeptWithTheirReason) {
    store().commit(Group().owe("q", "a", 10, "", "payload").owe("q", "b", 20));
    const auto claimed = claim_one(10, 1'000);
    EXPECT_EQ(settle(claimed, BF_SETTLE_DEAD, 0, "it broke"), Status::ok);
    EXPECT_EQ(ids(store().claim("q", 5'000, 6'000, 10)), "b ");
    EXPECT_EQ(ids(store().jobs("q", BF_JOB_PENDING)), "b ");
    const auto dead = store().jobs("q", BF_JOB_DEAD);
    ASSERT_EQ(ids(dead), "a ");
    EXPECT_EQ(dead.jobs[0].state, BF_JOB_DEAD);
    EXPECT_EQ(dead.jobs[0].reason, "it broke");
    EXPECT_EQ(dead.jobs[0].payload, "payload");
    EXPECT_EQ(dead.jobs[0].attempt, 1U);
    EXPECT_EQ(store().commit(Group().owe("q", "a", 1)).results.at(0).status, Status::duplicate);
}

TEST_F(Jobs, ThatAreDeadCanBeTriedAgainOrRemoved) {
    store().commit(Group().owe("q", "a", 10).owe("q", "b", 20));
    for (const auto& job : store().claim("q", 20, 1'000, 2).jobs) {
        EXPECT_EQ(settle(job, BF_SETTLE_DEAD, 0, "it broke"), Status::ok);
    }
    const auto dead = store().jobs("q", BF_JOB_DEAD).jobs;
    ASSERT_EQ(dead.size(), 2U);
    EXPECT_EQ(settle(dead[0], BF_SETTLE_AGAIN, 30), Status::ok);
    EXPECT_EQ(settle(dead[1], BF_SETTLE_DONE), Status::ok);
    EXPECT_EQ(ids(store().jobs("q", BF_JOB_DEAD)), "");
    const auto again = claim_one(30, 1'000);
    EXPECT_EQ(again.id, "a");
    EXPECT_EQ(again.attempt, 2U);
    EXPECT_EQ(again.reason, "");
}

TEST_F(Jobs, NeverGiveALeaseTwice) {
    std::set<std::uint64_t> leases;
    for (int i = 0; i < 10; ++i) {
        store().commit(Group().owe("q", "a", 1));
        const auto job = claim_one(1, 2);
        EXPECT_TRUE(leases.insert(job.lease).second) << job.lease;
        EXPECT_EQ(job.attempt, 1U);
        EXPECT_EQ(settle(job, BF_SETTLE_DONE), Status::ok);
        if (i % 3 == 0) {
            restart();
        }
    }
}

TEST_F(Jobs, AreSettledWithTheEffectOrNotAtAll) {
    store().commit(Group().owe("q", "a", 1).put("c", "taken", 0, ""));
    const auto job = claim_one(1, 2);
    EXPECT_EQ(store()
                  .commit(Group()
                              .append(note("n"), {"s"})
                              .settle(job, BF_SETTLE_DONE)
                              .put("c", "taken", 0, ""))
                  .status,
              Status::conflict);
    EXPECT_FALSE(store().head("s").exists);
    EXPECT_EQ(store().commit(Group().append(note("n"), {"s"}).settle(job, BF_SETTLE_DONE)).status,
              Status::ok);
    EXPECT_EQ(store().commit(Group().append(note("n"), {"s"}).settle(job, BF_SETTLE_DONE)).status,
              Status::conflict);
    EXPECT_EQ(store().head("s").head, 1U);
}

TEST_F(Jobs, AreListedInTheOrderOfTheirIds) {
    const std::vector<std::string> ordered{"10", "9", "A", "Z", "a", "ab", "b", "\xc3\xa9"};
    auto shuffled = ordered;
    std::ranges::shuffle(shuffled, random());
    Group group;
    for (const auto& id : shuffled) {
        group.owe("q", id, 1).owe("p", id, 1);
    }
    store().commit(group);
    for (const std::uint64_t limit : {1U, 3U, 100U}) {
        std::vector<std::string> found;
        for (bool more = true; more;) {
            const auto page =
                store().jobs("q", BF_JOB_PENDING, found.empty() ? "" : found.back(), limit);
            ASSERT_LE(page.jobs.size(), limit);
            ASSERT_FALSE(page.more && page.jobs.empty());
            for (const auto& job : page.jobs) {
                found.push_back(job.id);
            }
            more = page.more;
        }
        EXPECT_EQ(found, ordered);
    }
}

TEST_F(Jobs, AreClaimedOnceByManyThreads) {
    constexpr int kJobs = 1'200;
    Group group;
    for (int i = 0; i < kJobs; ++i) {
        group.owe("q", std::to_string(i), i);
    }
    ASSERT_EQ(store().commit(group).status, Status::ok);
    std::mutex mutex;
    std::map<std::string, int> claimed;
    std::set<std::uint64_t> leases;
    Crew crew(8, [&](int) {
        for (;;) {
            const auto jobs = store().claim("q", kJobs, kJobs + 1, 17).jobs;
            if (jobs.empty()) {
                return;
            }
            const std::lock_guard lock(mutex);
            for (const auto& job : jobs) {
                ++claimed[job.id];
                leases.insert(job.lease);
            }
        }
    });
    crew.wait();
    // A thread that found nothing may have met the locks of others: what is left is left to one.
    for (auto jobs = store().claim("q", kJobs, kJobs + 1, 50).jobs; !jobs.empty();
         jobs = store().claim("q", kJobs, kJobs + 1, 50).jobs) {
        for (const auto& job : jobs) {
            ++claimed[job.id];
            leases.insert(job.lease);
        }
    }
    EXPECT_EQ(claimed.size(), static_cast<std::size_t>(kJobs));
    EXPECT_EQ(leases.size(), static_cast<std::size_t>(kJobs));
    EXPECT_TRUE(std::ranges::all_of(claimed, [](const auto& one) { return one.second == 1; }));
}

}  // namespace
}  // namespace belfry::conformance
