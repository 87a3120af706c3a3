// How the writer shares transactions, and what it takes at a time.
#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

namespace belfry::storage_test {
namespace {

class Writer : public testing::Test {
protected:
    Folder folder;
    Store store{folder.file("b.db")};
};

TEST_F(Writer, SharesTransactionsAmongWhatWaits) {
    constexpr int kCalls = 2'000;
    Group group;
    group.append(note("a"), {"s"});
    std::vector<Call<sdk::Committed>> pending;
    for (int i = 0; i < kCalls; ++i) {
        pending.push_back(store.begin_commit({&group}));
    }
    for (const auto& one : pending) {
        EXPECT_TRUE(one.wait().ok());
    }
    EXPECT_LT(store.host.metric("store", "sqlite_commit_seconds"), kCalls * 3 / 4);
    EXPECT_EQ(store.host.metric("store", "sqlite_groups_total"), kCalls);
    EXPECT_EQ(store.host.metric("store", "sqlite_queue_groups"), 0);
}

TEST_F(Writer, ACallOfMoreThanTheQueueHoldsIsInvalid) {
    auto big = note("a");
    big.data.assign(257U << 20U, 'x');
    Group group;
    group.append(big, {"s"});
    EXPECT_EQ(store.begin_commit({&group}).wait().status, Status::invalid);
}

TEST_F(Writer, RefusesTooMuchThatWaitsUntilThereIsRoom) {
    auto big = note("a");
    big.data.assign(20U << 20U, 'x');
    Group group;
    group.append(big, {"s"});
    std::vector<Call<sdk::Committed>> pending;
    for (int i = 0; i < 60; ++i) {
        pending.push_back(store.begin_commit({&group}));
    }
    std::uint64_t stored = 0;
    int refused = 0;
    for (const auto& one : pending) {
        const auto outcome = one.wait();
        stored += outcome.ok() ? 1 : 0;
        refused += outcome.status == Status::unavailable && outcome.retry_after > 0 ? 1 : 0;
    }
    EXPECT_EQ(stored + static_cast<std::uint64_t>(refused), 60U);
    EXPECT_GT(refused, 0);
    EXPECT_EQ(store.head("s").head, stored);
    EXPECT_EQ(store.commit(Group().append(note("b"), {"s"})).status, Status::ok);
}

}  // namespace
}  // namespace belfry::storage_test
