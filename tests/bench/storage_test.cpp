#include "tests/bench/storage_databases.hpp"
#include "tests/bench/storage_runs.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace belfry::bench {
namespace {

constexpr std::uint64_t kMailboxes = 10;

TEST(Load, SameSeedGivesTheSameMailboxes) {
    MessageMaker one(7, kMailboxes);
    MessageMaker same(7, kMailboxes);
    const auto messages = one.make(100, Events::random);
    const auto again = same.make(100, Events::random);
    std::set<std::string> events;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        EXPECT_EQ(messages[i].data.size(), kDataBytes);
        EXPECT_LT(messages[i].mailbox, kMailboxes);
        EXPECT_EQ(messages[i].event_id, again[i].event_id);
        events.insert(messages[i].event_id);
    }
    EXPECT_EQ(events.size(), messages.size());
}

TEST(Load, EvenMessagesReachEveryMailboxInTurn) {
    MessageMaker maker(7, kMailboxes);
    for (const std::size_t count : {kMailboxes, kMailboxes / 2, kMailboxes / 2}) {
        std::set<std::uint64_t> reached;
        for (const Message& message : maker.make_even(count, Events::none)) {
            EXPECT_TRUE(message.event_id.empty());
            reached.insert(message.mailbox);
        }
        EXPECT_EQ(reached.size(), count);
    }
}

TEST(Load, GroupsSurviveAMove) {
    const auto messages = MessageMaker(7, kMailboxes).make(3, Events::none);
    Groups made(messages);
    const Groups groups(std::move(made));
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_EQ(groups.entries(), 3U);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        ASSERT_EQ(groups.data()[i].op_count, 1U);
        const auto& append = *reinterpret_cast<const bf_op_append*>(groups.data()[i].ops[0]);
        EXPECT_EQ(append.op.kind, BF_OP_APPEND);
        EXPECT_EQ(sdk::view(append.notification->id), messages[i].id);
        EXPECT_EQ(sdk::view(append.streams[0]), messages[i].stream);
    }
}

/// Completes a call as a storage does.
void complete(bf_done done, std::uint32_t status, std::string_view message) {
    const bf_result result{sizeof result, status, sdk::str(message), 0};
    const int value = 0;
    done.call(done.ctx, &result, status == BF_OK ? &value : nullptr);
}

TEST(Calls, WaitsForCompletions) {
    Calls calls;
    const auto fine = [](const void*) { return std::string(); };
    const bf_done first = calls.begin(fine);
    const bf_done second = calls.begin(fine);
    const auto early = calls.wait(2, system_clock().monotonic());
    ASSERT_TRUE(early);
    EXPECT_FALSE(*early);
    complete(first, BF_OK, {});
    EXPECT_EQ(calls.under_way(), 1U);
    EXPECT_TRUE(calls.wait(2));
    complete(second, BF_OK, {});
    EXPECT_TRUE(calls.wait(1));
}

TEST(Calls, FirstFailureIsTold) {
    Calls calls;
    complete(calls.begin([](const void*) { return std::string("wrong value"); }), BF_OK, {});
    complete(calls.begin({}), BF_UNAVAILABLE, "disk full");
    const auto waited = calls.wait(1);
    ASSERT_FALSE(waited);
    EXPECT_EQ(waited.error().message, "wrong value");
}

using Make = Result<std::unique_ptr<Database>> (*)(const Machine&);

class WithDatabase : public testing::TestWithParam<Make> {
protected:
    void SetUp() override {
        const auto machine = find_machine();
        ASSERT_TRUE(machine);
        auto made = GetParam()(*machine);
        if (!made && made.error().code == Code::not_found) {
            GTEST_SKIP() << made.error().message;
        }
        ASSERT_TRUE(made) << made.error().message;
        database_ = std::move(*made);
    }

    std::unique_ptr<Database> database_;
};

TEST_P(WithDatabase, StorageDoesWhatIsMeasured) {
    MessageMaker maker(7, kMailboxes);
    auto subject = database_->open_storage("place");
    ASSERT_TRUE(subject) << subject.error().message;
    EXPECT_TRUE((*subject)->durability());

    const std::vector<std::vector<Message>> messages{maker.make_even(kMailboxes, Events::random),
                                                     maker.make_even(kMailboxes, Events::none)};
    const std::vector<Groups> commits(messages.begin(), messages.end());
    const auto run = commit_all(**subject, commits);
    ASSERT_TRUE(run) << run.error().message;
    EXPECT_EQ(run->latencies.size(), 2U);
    EXPECT_GT(run->took, 0);

    const auto paced = maker.make(20, Events::none);
    const auto latencies = commit_paced(**subject, paced, kMillisecond);
    ASSERT_TRUE(latencies) << latencies.error().message;
    EXPECT_EQ(latencies->size(), paced.size());

    std::vector<std::string> streams;
    for (std::uint64_t mailbox = 0; mailbox < kMailboxes; ++mailbox) {
        streams.push_back(stream_of(mailbox));
    }
    const auto pages = read_pages(**subject, streams, 2);
    EXPECT_TRUE(pages) << pages.error().message;
    const auto heads = read_heads(**subject, streams, 3);
    EXPECT_TRUE(heads) << heads.error().message;
    EXPECT_FALSE(read_pages(**subject, streams, 100)) << "more than there are";

    EXPECT_TRUE((*subject)->stop());
    EXPECT_TRUE(database_->remove_storage("place"));
    auto again = database_->open_storage("place");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_FALSE(read_heads(**again, streams, 3)) << "all is removed";
}

TEST_P(WithDatabase, RepeatedEventIsNoNewEntry) {
    auto subject = database_->open_storage("place");
    ASSERT_TRUE(subject) << subject.error().message;
    const auto messages = MessageMaker(7, kMailboxes).make(3, Events::random);
    const std::vector<std::vector<Message>> twice{messages, messages};
    const std::vector<Groups> commits(twice.begin(), twice.end());
    const auto run = commit_all(**subject, commits);
    ASSERT_FALSE(run);
    EXPECT_NE(run.error().message.find("expected 3 new entries, found 0"), std::string::npos)
        << run.error().message;
}

TEST_P(WithDatabase, LimitInserts) {
    MessageMaker maker(7, kMailboxes);
    auto limit = database_->make_limit();
    ASSERT_TRUE(limit) << limit.error().message;
    const std::vector<std::vector<Message>> messages{maker.make(200, Events::random),
                                                     maker.make(5, Events::none)};
    const auto took = (*limit)->insert(messages);
    ASSERT_TRUE(took) << took.error().message;
    EXPECT_GT(*took, 0);
    const auto entries = (*limit)->insert_entries(1000);
    ASSERT_TRUE(entries) << entries.error().message;
    EXPECT_GT(*entries, 0);
    const auto count = (*limit)->count();
    ASSERT_TRUE(count) << count.error().message;
    EXPECT_EQ(*count, 1205U);
}

INSTANTIATE_TEST_SUITE_P(Databases, WithDatabase, testing::Values(make_sqlite, make_postgresql),
                         [](const auto& tested) {
                             return tested.param == make_sqlite ? "sqlite" : "postgresql";
                         });

}  // namespace
}  // namespace belfry::bench
