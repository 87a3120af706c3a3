// Several daemons on one schema.
#include "tests/unit/storage_postgresql/store.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

namespace belfry::storage_test {
namespace {

constexpr int kNodes = 3;

class PostgresNodes : public Postgres {
protected:
    void SetUp() override {
        Postgres::SetUp();
        for (int i = 0; i < kNodes && !IsSkipped(); ++i) {
            nodes_.push_back(std::make_unique<Store>(address(), schema()));
        }
    }
    void TearDown() override {
        nodes_.clear();
        Postgres::TearDown();
    }
    [[nodiscard]] Store& node(int number) { return *nodes_.at(static_cast<std::size_t>(number)); }

    /// body(store, node) on a thread for each node.
    template <class Body>
    void on_all(Body body) {
        std::vector<std::thread> threads;
        for (int i = 0; i < kNodes; ++i) {
            threads.emplace_back([&, i] { body(node(i), i); });
        }
        for (auto& thread : threads) {
            thread.join();
        }
    }
    void expect_no_repetitions() {
        for (int i = 0; i < kNodes; ++i) {
            EXPECT_EQ(node(i).host.metric("store", "postgresql_repeated_total"), 0) << i;
        }
    }

private:
    std::vector<std::unique_ptr<Store>> nodes_;
};

std::vector<std::string> some_streams(std::mt19937& random, std::size_t most) {
    std::set<std::string> streams;
    for (auto count = 1 + random() % most; count > 0; --count) {
        streams.insert("s" + std::to_string(random() % 20));
    }
    std::vector<std::string> shuffled(streams.begin(), streams.end());
    std::ranges::shuffle(shuffled, random);
    return shuffled;
}

TEST_F(PostgresNodes, WriteTheSameStreamsWithoutHolesAndWithoutWaitingInACircle) {
    constexpr int kCalls = 120;
    std::mutex mutex;
    std::map<std::string, std::set<std::uint64_t>> places;
    on_all([&](Store& store, int number) {
        std::mt19937 random(static_cast<unsigned>(number));
        for (int call = 0; call < kCalls; ++call) {
            std::vector<Group> groups(8);
            std::vector<const Group*> given;
            std::vector<std::vector<std::string>> streams;
            for (std::size_t i = 0; i < groups.size(); ++i) {
                const auto id =
                    std::to_string(number) + "." + std::to_string(call * 8) + std::to_string(i);
                streams.push_back(some_streams(random, 6));
                groups[i].append(note_of(id, "source", id), streams.back(), "h");
                if (random() % 4 == 0) {
                    groups[i].mark(streams.back().front(), BF_STATE_READ, 0, {}, 1'000'000);
                }
                given.push_back(&groups[i]);
            }
            const auto results = store.commit_all(given);
            const std::lock_guard lock(mutex);
            for (std::size_t i = 0; i < results.size(); ++i) {
                ASSERT_EQ(results[i].status, Status::ok) << results[i].message;
                const auto& seqs = results[i].results.at(0).seqs;
                for (std::size_t s = 0; s < seqs.size(); ++s) {
                    EXPECT_TRUE(places[streams[i][s]].insert(seqs[s]).second);
                }
            }
        }
    });
    for (const auto& [stream, seqs] : places) {
        EXPECT_EQ(*seqs.begin(), 1U) << stream;
        EXPECT_EQ(*seqs.rbegin(), seqs.size()) << stream;
        EXPECT_EQ(node(0).head(stream).head, seqs.size()) << stream;
    }
    EXPECT_EQ(query("SELECT count(*) FROM (SELECT ref - lag(ref) OVER"
                    " (PARTITION BY stream_id ORDER BY seq) AS step FROM @.entries) t"
                    " WHERE step <= 0"),
              std::vector<std::string>{"0"})
        << "refs do not grow with seq";
    EXPECT_EQ(query("SELECT count(*) FROM @.streams s WHERE unread <> (SELECT count(*)"
                    " FROM @.entries e WHERE e.stream_id = s.id AND e.state & 17 = 0)"),
              std::vector<std::string>{"0"});
}

TEST_F(PostgresNodes, LockStreamsInOneOrder) {
    on_all([&](Store& store, int number) {
        std::mt19937 random(static_cast<unsigned>(number));
        for (int call = 0; call < 150; ++call) {
            Group group;
            const auto id = std::to_string(number) + "." + std::to_string(call);
            group.append(note(id), some_streams(random, 12));
            Group other;
            for (const auto& stream : some_streams(random, 3)) {
                other.mark(stream, BF_STATE_SEEN, 0, {}, 1'000'000);
            }
            store.commit_all({&group, &other});
        }
    });
    expect_no_repetitions();
}

TEST_F(PostgresNodes, StoreAnEventOnceWhicheverIsFirst) {
    constexpr int kEvents = 300;
    std::vector<std::atomic<int>> stored(kEvents);
    std::vector<std::atomic<std::uint64_t>> seqs(kEvents);
    on_all([&](Store& store, int number) {
        for (int i = 0; i < kEvents; ++i) {
            Group group;
            const auto id = std::to_string(number) + "." + std::to_string(i);
            group.append(note_of(id, "source", std::to_string(i)), {"s" + std::to_string(i % 5)},
                         "same");
            const auto result = store.commit(group);
            ASSERT_EQ(result.status, Status::ok) << result.message;
            const auto& append = result.results.at(0);
            const auto at = static_cast<std::size_t>(i);
            stored[at] += append.status == Status::ok ? 1 : 0;
            const auto before = seqs[at].exchange(append.seqs.at(0));
            EXPECT_TRUE(before == 0 || before == append.seqs.at(0)) << "another place";
        }
    });
    for (const auto& count : stored) {
        EXPECT_EQ(count, 1);
    }
}

TEST_F(PostgresNodes, GiveAUniqueValueToOneDocument) {
    constexpr int kValues = 100;
    std::vector<std::atomic<int>> taken(kValues);
    on_all([&](Store& store, int number) {
        for (int i = 0; i < kValues; ++i) {
            Group group;
            // One node wants it for itself, the others only want nobody to own it alone.
            group.put("c", std::to_string(number) + "." + std::to_string(i), 0, "x",
                      {{"k", std::to_string(i), number == 0}});
            const auto result = store.commit(group);
            if (result.status == Status::ok) {
                taken[static_cast<std::size_t>(i)] += number == 0 ? 100 : 1;
            } else {
                EXPECT_EQ(result.status, Status::conflict) << result.message;
            }
        }
    });
    for (const auto& count : taken) {
        EXPECT_TRUE(count == 100 || count == kNodes - 1) << count;
    }
    expect_no_repetitions();
}

TEST_F(PostgresNodes, ClaimAJobOnceAndALaneInOrder) {
    constexpr int kJobs = 240;
    constexpr int kLanes = 4;
    {
        Group group;
        for (int i = 0; i < kJobs; ++i) {
            group.owe("q", "j" + std::to_string(1000 + i), i, "lane" + std::to_string(i % kLanes));
        }
        node(0).commit(group);
    }
    std::mutex mutex;
    std::set<std::uint64_t> leases;
    std::map<std::string, std::vector<std::string>> lanes;
    std::map<std::string, int> at_work;
    std::atomic<int> done = 0;
    on_all([&](Store& store, int) {
        while (done < kJobs) {
            const auto claimed = store.claim("q", 10'000, 20'000, 3);
            {
                const std::lock_guard lock(mutex);
                for (const auto& job : claimed.jobs) {
                    EXPECT_TRUE(leases.insert(job.lease).second) << "a lease given twice";
                    EXPECT_EQ(++at_work[job.lane], 1) << "two of a lane at once";
                    lanes[job.lane].push_back(job.id);
                }
            }
            for (const auto& job : claimed.jobs) {
                {
                    const std::lock_guard lock(mutex);
                    --at_work[job.lane];
                }
                Group group;
                group.settle(job, BF_SETTLE_DONE);
                EXPECT_EQ(store.commit(group).status, Status::ok);
                ++done;
            }
        }
    });
    EXPECT_EQ(leases.size(), static_cast<std::size_t>(kJobs));
    for (const auto& [lane, ids] : lanes) {
        EXPECT_TRUE(std::ranges::is_sorted(ids)) << lane;
    }
}

TEST_F(PostgresNodes, TrimAndResetWhileOthersWrite) {
    constexpr int kCalls = 150;
    on_all([&](Store& store, int number) {
        std::mt19937 random(static_cast<unsigned>(number));
        for (int call = 0; call < kCalls; ++call) {
            Group group;
            if (number == 0) {
                group.trim({.op = {},
                            .stream = {},
                            .older_than = 0,
                            .keep = 5,
                            .expired_at = 0,
                            .limit = 50});
            } else if (call % 20 == 0) {
                group.reset("s" + std::to_string(random() % 20));
            } else {
                const auto id = std::to_string(number) + "." + std::to_string(call);
                group.append(note(id), some_streams(random, 10));
            }
            ASSERT_EQ(store.commit(group).status, Status::ok);
        }
    });
    testkit::eventually("the entries of streams that were reset to go", [&] {
        return query("SELECT count(*) FROM @.leftovers") == std::vector<std::string>{"0"};
    });
    EXPECT_EQ(query("SELECT count(*) FROM @.entries e WHERE NOT EXISTS (SELECT FROM @.streams s"
                    " WHERE s.id = e.stream_id AND e.seq BETWEEN s.earliest AND s.head)"),
              std::vector<std::string>{"0"});
    EXPECT_EQ(query("SELECT count(*) FROM @.streams s WHERE head - earliest + 1 <>"
                    " (SELECT count(*) FROM @.entries e WHERE e.stream_id = s.id)"),
              std::vector<std::string>{"0"});
    EXPECT_EQ(query("SELECT count(*) FROM @.bodies b WHERE refs <>"
                    " (SELECT count(*) FROM @.entries e WHERE e.ref = b.ref)"),
              std::vector<std::string>{"0"});
}

}  // namespace
}  // namespace belfry::storage_test
