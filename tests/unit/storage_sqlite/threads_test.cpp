#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <thread>

namespace belfry::storage_test {
namespace {

TEST(Threads, ManyCommittersLeaveNoHoleAndReadersSeeNone) {
    constexpr int kThreads = 4;
    constexpr int kEach = 150;
    const Folder folder;
    Store store(folder.file("b.db"), R"(,"readers":3)");
    std::atomic<int> running = kThreads;
    std::vector<std::vector<std::uint64_t>> given(kThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            auto& own = given[static_cast<std::size_t>(t)];
            for (int i = 0; i < kEach; ++i) {
                own.push_back(store.append("s", std::to_string(t) + "-" + std::to_string(i)));
            }
            --running;
        });
    }
    std::vector<std::thread> readers;
    for (int r = 0; r < 2; ++r) {
        readers.emplace_back([&] {
            std::uint64_t after = 0;
            while (running > 0) {
                const auto page = store.read("s", after, 50);
                for (const auto& entry : page.entries) {
                    ASSERT_EQ(entry.seq, ++after);
                }
                if (!page.more) {
                    ASSERT_EQ(page.head.head, after);  // one snapshot
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    for (auto& reader : readers) {
        reader.join();
    }
    std::set<std::uint64_t> all;
    for (const auto& own : given) {
        EXPECT_TRUE(std::ranges::is_sorted(own));
        all.insert(own.begin(), own.end());
    }
    EXPECT_EQ(all.size(), static_cast<std::size_t>(kThreads * kEach));
    EXPECT_EQ(*all.rbegin(), static_cast<std::uint64_t>(kThreads * kEach));
    EXPECT_EQ(store.host.metric("store", "sqlite_groups_total"), kThreads * kEach);
    EXPECT_EQ(store.host.metric("store", "sqlite_queue_groups"), 0);
}

TEST(Threads, WhatWaitsSharesTransactionsInOrder) {
    const Folder folder;
    Store store(folder.file("b.db"));
    std::vector<testkit::Pending<sdk::Committed>> pending;
    for (int i = 0; i < 2'000; ++i) {
        Group group;
        group.append(note(std::to_string(i)), {"s"});
        pending.push_back(store.begin_commit({&group}));
    }
    for (std::size_t i = 0; i < pending.size(); ++i) {
        EXPECT_EQ(pending[i].wait().value.groups.at(0).results.at(0).seqs.at(0), i + 1);
    }
    EXPECT_LT(store.host.metric("store", "sqlite_commit_seconds"), 1'500);
}

}  // namespace
}  // namespace belfry::storage_test
