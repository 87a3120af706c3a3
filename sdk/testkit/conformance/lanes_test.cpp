// Jobs of one lane go one after the other.
#include "sdk/testkit/conformance/crew.hpp"
#include "sdk/testkit/conformance/kit.hpp"

#include <map>
#include <mutex>

namespace belfry::conformance {
namespace {

class Lanes : public Case {
protected:
    std::string claim(std::int64_t now, std::int64_t until, std::uint64_t limit = 10) {
        std::string ids;
        for (auto& job : store().claim("q", now, until, limit).jobs) {
            ids += job.id + " ";
            claimed[job.id] = job;
        }
        return ids;
    }
    void settle(const std::string& id, std::uint32_t outcome, std::int64_t due = 0) {
        ASSERT_EQ(store().commit(Group().settle(claimed.at(id), outcome, due)).status, Status::ok);
    }

    std::map<std::string, sdk::Job> claimed;
};

TEST_F(Lanes, HaveOneJobLeasedAtATime) {
    store().commit(Group()
                       .owe("q", "2", 20, "lane")
                       .owe("q", "1", 10, "lane")
                       .owe("q", "3", 30, "lane")
                       .owe("q", "other", 40, "else")
                       .owe("q", "free", 50)
                       .owe("q", "too", 60));
    EXPECT_EQ(claim(100, 200), "1 other free too ");
    EXPECT_EQ(claim(100, 200), "");
    settle("1", BF_SETTLE_DONE);
    EXPECT_EQ(claim(100, 200), "2 ");
    EXPECT_EQ(claim(100, 200), "");
    settle("2", BF_SETTLE_DONE);
    EXPECT_EQ(claim(100, 200), "3 ");
}

TEST_F(Lanes, GoOnWithTheFirstWhoseLeaseEnded) {
    store().commit(Group().owe("q", "1", 10, "lane").owe("q", "2", 20, "lane"));
    EXPECT_EQ(claim(100, 150), "1 ");
    EXPECT_EQ(claim(149, 300), "");
    EXPECT_EQ(claim(151, 300), "1 ");
    EXPECT_EQ(claimed.at("1").attempt, 2U);
}

TEST_F(Lanes, AreInTheOrderOfDueAlsoForWhatComesLater) {
    store().commit(Group().owe("q", "b", 20, "lane"));
    store().commit(Group().owe("q", "a", 10, "lane"));
    EXPECT_EQ(claim(100, 200), "a ");
    settle("a", BF_SETTLE_AGAIN, 30);
    EXPECT_EQ(claim(100, 200), "b ");
    settle("b", BF_SETTLE_AGAIN, 300);
    EXPECT_EQ(claim(100, 200), "a ");
    settle("a", BF_SETTLE_DONE);
    EXPECT_EQ(claim(299, 400), "");
    EXPECT_EQ(claim(300, 400), "b ");
}

TEST_F(Lanes, AreNotHeldUpByTheDead) {
    store().commit(Group().owe("q", "1", 10, "lane").owe("q", "2", 20, "lane"));
    EXPECT_EQ(claim(100, 200), "1 ");
    settle("1", BF_SETTLE_DEAD);
    EXPECT_EQ(claim(100, 200), "2 ");
}

TEST_F(Lanes, OfTwoQueuesAreTwo) {
    store().commit(Group().owe("q", "1", 10, "lane").owe("p", "1", 10, "lane"));
    EXPECT_EQ(claim(100, 200), "1 ");
    EXPECT_EQ(store().claim("p", 100, 200, 5).jobs.size(), 1U);
}

TEST_F(Lanes, DoNotUseUpTheLimit) {
    Group group;
    for (int i = 0; i < 200; ++i) {
        group.owe("q", "lane" + std::to_string(i), 10 + i, "lane");
    }
    group.owe("q", "free1", 900).owe("q", "free2", 901);
    store().commit(group);
    EXPECT_EQ(claim(1'000, 2'000, 2), "lane0 free1 ");
    EXPECT_EQ(claim(1'000, 2'000, 2), "free2 ");
}

TEST_F(Lanes, StayInOrderWithManyThreads) {
    constexpr int kLanes = 5;
    constexpr int kEach = 12;
    constexpr std::int64_t kNow = 1'000'000;
    store();
    for (int i = 0; i < kEach; ++i) {
        Group group;
        for (int lane = 0; lane < kLanes; ++lane) {
            group.owe("q", std::to_string(lane) + "-" + std::to_string(i), 10 + i,
                      std::to_string(lane));
        }
        store().commit(group);
    }
    std::mutex mutex;
    std::map<std::string, std::string> running;  // lane -> job
    std::map<std::string, int> next;
    int done = 0;
    const auto begin = [&](const sdk::Job& job) {
        const std::lock_guard lock(mutex);
        const auto expected = job.lane + "-" + std::to_string(next[job.lane]);
        if (!running.emplace(job.lane, job.id).second || job.id != expected) {
            throw testkit::Failed("expected " + expected + ", claimed " + job.id + " while " +
                                  running[job.lane] + " is leased");
        }
    };
    const auto end = [&](const sdk::Job& job) {
        const std::lock_guard lock(mutex);
        running.erase(job.lane);
        ++next[job.lane];
        ++done;
    };
    const auto is_done = [&] {
        const std::lock_guard lock(mutex);
        return done == kLanes * kEach;
    };
    Crew crew(4, [&](int) {
        while (!is_done()) {
            for (const auto& job : store().claim("q", kNow, kNow * 2, 3).jobs) {
                begin(job);
                end(job);  // before it is settled: from then on another may have the lane
                if (store().commit(Group().settle(job, BF_SETTLE_DONE)).status != Status::ok) {
                    throw testkit::Failed("settle");
                }
            }
        }
    });
    crew.wait();
    EXPECT_EQ(done, kLanes * kEach);
}

}  // namespace
}  // namespace belfry::conformance
