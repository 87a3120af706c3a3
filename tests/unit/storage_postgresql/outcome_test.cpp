// Connections that are cut while a transaction is committed: every answer is the truth.
#include "tests/support/cut_proxy.hpp"
#include "tests/unit/storage_postgresql/store.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace belfry::storage_test {
namespace {

using test::Cut;
using test::CutProxy;

constexpr int kRounds = 64;
constexpr Cut kWays[] = {Cut::request, Cut::answer, Cut::abandon, Cut::half};

class PostgresOutcome : public Postgres {
protected:
    void SetUp() override {
        Postgres::SetUp();
        if (IsSkipped()) {
            return;
        }
        const auto port = address().find("port=") + 5;
        proxy_ = std::make_unique<CutProxy>(std::stoi(address().substr(port)), test::is_commit);
        through_ = address();
        through_.replace(port, through_.find(' ', port) - port, std::to_string(proxy_->port()));
    }
    [[nodiscard]] const std::string& through() const { return through_; }
    [[nodiscard]] CutProxy& proxy() { return *proxy_; }

    /// As the daemon does: again while that is what the storage asks for.
    template <class Fill>
    sdk::GroupResult commit(conformance::Store& store, Fill fill) {
        for (std::uint32_t flags = 0;;) {
            Group group;
            fill(group, flags);
            auto outcome = store.begin_commit({&group}).wait();
            if (outcome.ok()) {
                return outcome.value.groups.at(0);
            }
            EXPECT_TRUE(outcome.status == Status::retry || outcome.status == Status::unavailable)
                << outcome.message;
            flags |= outcome.status == Status::retry ? BF_APPEND_REPEATED : 0;
        }
    }

    sdk::Jobs claim(Store& store, std::int64_t& now) {
        for (;;) {
            const Call<sdk::Jobs> call(store.instance, "claim");
            store.table.claim(store.instance.handle(), sdk::str("q"), now, now + 10, 10,
                              call.done());
            auto outcome = call.wait();
            if (outcome.ok()) {
                return outcome.value;
            }
            EXPECT_TRUE(outcome.status == Status::retry || outcome.status == Status::unavailable)
                << outcome.message;
            now += 10;  // what an unknown claim has leased is free again
        }
    }

private:
    std::unique_ptr<CutProxy> proxy_;
    std::string through_;
};

TEST_F(PostgresOutcome, OfAppendsIsTheTruth) {
    Store store(through(), schema());
    std::uint64_t head = 0;
    for (int round = 0; round < kRounds; ++round) {
        const auto id = "n" + std::to_string(round);
        proxy().arm(kWays[round % 4]);
        const auto result = commit(store, [&](Group& group, std::uint32_t flags) {
            const bool has_event = round % 8 < 4;
            group.append(has_event ? note_of(id, "source", id) : note(id), {"s", "t"}, "hash",
                         BF_ENTRY_NOTIFICATION, flags);
        });
        ASSERT_EQ(result.status, Status::ok) << round << ": " << result.message;
        ASSERT_EQ(result.results.at(0).seqs, (std::vector<std::uint64_t>{head + 1, head + 1}));
        EXPECT_EQ(result.results.at(0).id, id);
        ++head;
        ASSERT_EQ(store.head("t").head, head);
    }
    EXPECT_EQ(proxy().cuts(), static_cast<std::uint64_t>(kRounds));
    const auto page = store.read("s");
    ASSERT_EQ(page.entries.size(), static_cast<std::size_t>(kRounds));
    for (std::size_t i = 0; i < page.entries.size(); ++i) {
        EXPECT_EQ(page.entries[i].notification->id, "n" + std::to_string(i));
    }
    EXPECT_EQ(page.head.unread, head);
}

TEST_F(PostgresOutcome, OfDocumentsAndJobsIsTheTruth) {
    Store store(through(), schema());
    std::int64_t now = 0;
    for (int round = 0; round < kRounds / 4; ++round) {
        const auto version = static_cast<std::uint64_t>(round);
        proxy().arm(kWays[round % 4]);
        const auto put = commit(store, [&](Group& group, std::uint32_t) {
            group.put("c", "d", version, std::to_string(round), {{"k", "v", true}});
        });
        ASSERT_EQ(put.status, Status::ok) << round << ": " << put.message;
        EXPECT_EQ(put.results.at(0).value[0], version + 1);
        EXPECT_EQ(store.get("c", "d").value.document, std::to_string(round));

        proxy().arm(kWays[(round + 1) % 4]);
        const auto id = "j" + std::to_string(round);
        const auto owe = commit(store, [&](Group& group, std::uint32_t) { group.owe("q", id, 0); });
        ASSERT_EQ(owe.status, Status::ok);
        EXPECT_EQ(owe.results.at(0).status, Status::ok) << "a duplicate of its own";

        proxy().arm(kWays[(round + 2) % 4]);
        const auto claimed = claim(store, now);
        ASSERT_EQ(claimed.jobs.size(), 1U) << round;
        EXPECT_EQ(claimed.jobs[0].id, id);

        proxy().arm(kWays[(round + 3) % 4]);
        const auto settle = commit(store, [&](Group& group, std::uint32_t) {
            group.settle(claimed.jobs[0], BF_SETTLE_DONE);
        });
        ASSERT_EQ(settle.status, Status::ok) << round << ": " << settle.message;
        now += 100;
    }
    EXPECT_EQ(proxy().cuts(), static_cast<std::uint64_t>(kRounds));
    EXPECT_TRUE(store.jobs("q", BF_JOB_PENDING).jobs.empty());
}

TEST_F(PostgresOutcome, OfManyWritersIsTheTruth) {
    Store first(through(), schema());
    conformance::Store second(first.plugin, config(through(), schema()), "second");
    std::atomic<int> next = 0;
    std::atomic<bool> ending = false;
    constexpr int kMost = 5'000;
    std::vector<std::uint64_t> places(kMost);
    std::vector<std::thread> writers;
    for (auto* store : std::vector<conformance::Store*>{&first, &first, &second, &second}) {
        writers.emplace_back([&, store] {
            for (int i = next++; i < kMost && !ending; i = next++) {
                const auto id = std::to_string(i);
                const auto result = commit(*store, [&](Group& group, std::uint32_t flags) {
                    group.append(note(id), {"s", "t" + std::to_string(i % 7)}, {},
                                 BF_ENTRY_NOTIFICATION, flags);
                });
                EXPECT_EQ(result.status, Status::ok) << result.message;
                if (result.status == Status::ok) {
                    places[static_cast<std::size_t>(i)] = result.results.at(0).seqs.at(0);
                }
            }
        });
    }
    for (std::uint64_t cut = 0; cut < kRounds && next < kMost; ++cut) {
        proxy().arm(kWays[cut % 4]);
        testkit::eventually("a cut", [&] { return proxy().cuts() > cut || next >= kMost; });
    }
    ending = true;
    for (auto& writer : writers) {
        writer.join();
    }
    std::vector<std::uint64_t> found(kMost);
    std::uint64_t seq = 0;
    for (auto page = first.read("s");; page = first.read("s", seq)) {
        for (const auto& entry : page.entries) {
            ASSERT_EQ(entry.seq, ++seq);
            auto& place = found.at(std::stoul(entry.notification->id));
            EXPECT_EQ(place, 0U) << entry.notification->id << " is there twice";
            place = entry.seq;
        }
        if (!page.more) {
            break;
        }
    }
    EXPECT_EQ(found, places);
    EXPECT_GE(proxy().cuts(), 32U);
}

}  // namespace
}  // namespace belfry::storage_test
