// Reading a stream: forward, backward, in pages, through filters.
#include "sdk/testkit/conformance/crew.hpp"
#include "sdk/testkit/conformance/kit.hpp"

#include <algorithm>

namespace belfry::conformance {
namespace {

class Reads : public Case {
protected:
    Seqs read(const bf_read& query) { return seqs_of(store().read(query).entries); }
};

Seqs range(std::uint64_t from, std::uint64_t to, std::uint64_t step = 1) {
    Seqs seqs;
    for (; from <= to; from += step) {
        seqs.push_back(from);
    }
    return seqs;
}

Seqs turned(Seqs seqs) {
    std::ranges::reverse(seqs);
    return seqs;
}

TEST_F(Reads, GoForwardFromBehindASeq) {
    fill(store(), "s", 10);
    auto page = store().read("s", 4, 3);
    EXPECT_EQ(seqs_of(page.entries), range(5, 7));
    EXPECT_TRUE(page.more);
    EXPECT_EQ(page.next, 7U);
    EXPECT_EQ(page.head.head, 10U);
    EXPECT_EQ(page.head.unread, 10U);
    page = store().read("s", 7, 4);
    EXPECT_EQ(seqs_of(page.entries), range(8, 10));
    EXPECT_FALSE(page.more);
    EXPECT_TRUE(store().read("s", 10).entries.empty());
    EXPECT_TRUE(store().read("s", UINT64_MAX).entries.empty());
    for (const std::uint64_t limit : {1U, 3U, 10U, 11U}) {
        EXPECT_EQ(seqs_of(read_all(store(), query_of("s", limit))), range(1, 10));
    }
}

TEST_F(Reads, GoBackwardFromTheHead) {
    fill(store(), "s", 10);
    auto query = query_of("s", 2);
    query.flags = BF_READ_BACKWARD;
    EXPECT_EQ(read(query), turned(range(9, 10)));
    query.after = 3;
    EXPECT_EQ(read(query), turned(range(1, 2)));
    query.after = 1;
    EXPECT_EQ(read(query), Seqs{});
    query.after = UINT64_MAX;
    EXPECT_EQ(read(query), turned(range(9, 10)));
    query.after = 0;
    for (const std::uint64_t limit : {1U, 3U, 10U, 11U}) {
        query.limit = limit;
        EXPECT_EQ(seqs_of(read_all(store(), query)), turned(range(1, 10)));
    }
}

TEST_F(Reads, BeginAtTheEarliest) {
    fill(store(), "s", 10);
    store().commit(Group().trim(
        {.op = {}, .stream = {}, .older_than = 0, .keep = 4, .expired_at = 0, .limit = 100}, "s"));
    EXPECT_EQ(read(query_of("s")), range(7, 10));
    auto query = query_of("s");
    query.after = 3;
    EXPECT_EQ(read(query), range(7, 10));
    query.flags = BF_READ_BACKWARD;
    query.after = 9;
    EXPECT_EQ(read(query), turned(range(7, 8)));
    query.after = 7;
    EXPECT_EQ(read(query), Seqs{});
    query.after = 2;
    EXPECT_EQ(read(query), Seqs{});
}

TEST_F(Reads, StopWhenTheBytesAreExceeded) {
    fill(store(), "s", 20, [](std::uint64_t number) {
        auto sent = note("n" + std::to_string(number));
        sent.title.assign(300, 't');
        sent.body.assign(300, 'b');
        sent.data.assign(400, 'x');
        return sent;
    });
    for (const std::uint64_t bytes : {0U, 1U, 999U, 1'500U, 3'000U}) {
        for (const std::uint32_t flags : {0U, BF_READ_BACKWARD}) {
            auto query = query_of("s");
            query.flags = flags;
            query.max_bytes = bytes;
            const auto page = store().read(query);
            EXPECT_GE(page.entries.size(), 1U);
            EXPECT_LE((page.entries.size() - 1) * 1'000, bytes);
            EXPECT_TRUE(page.more);
            EXPECT_EQ(read_all(store(), query).size(), 20U);
        }
    }
}

TEST_F(Reads, GiveAnEntryThatIsLargerThanAllThatWasAskedFor) {
    fill(store(), "s", 3, [](std::uint64_t number) {
        auto sent = note("n" + std::to_string(number));
        sent.data.assign(2U << 20U, 'x');
        return sent;
    });
    auto query = query_of("s");
    query.max_bytes = 10;
    EXPECT_EQ(read(query), range(1, 1));
    EXPECT_EQ(seqs_of(read_all(store(), query)), range(1, 3));
}

TEST_F(Reads, FilterByStateTypeAndNotification) {
    fill(store(), "s", 12, [](std::uint64_t number) {
        auto sent = note("n" + std::to_string(number));
        sent.type = number % 3 == 0 ? "third" : "";
        return sent;
    });
    store().commit(Group().append(note("n4"), {"s"}, {}, BF_ENTRY_REVISION));
    store().commit(Group().mark("s", BF_STATE_READ, 0, {2, 3, 9}));

    auto query = query_of("s");
    query.state_mask = BF_STATE_READ;
    EXPECT_EQ(read(query), (Seqs{1, 4, 5, 6, 7, 8, 10, 11, 12, 13}));
    query.state_want = BF_STATE_READ;
    EXPECT_EQ(read(query), (Seqs{2, 3, 9}));
    query.type = sdk::str("third");
    EXPECT_EQ(read(query), (Seqs{3, 9}));
    query.flags = BF_READ_BACKWARD;
    EXPECT_EQ(read(query), (Seqs{9, 3}));

    query = query_of("s");
    query.notification_id = sdk::str("n4");
    EXPECT_EQ(read(query), (Seqs{4, 13}));
    query.flags = BF_READ_BACKWARD;
    EXPECT_EQ(read(query), (Seqs{13, 4}));
    query.after = 13;
    EXPECT_EQ(read(query), (Seqs{4}));
    query.state_mask = query.state_want = BF_STATE_REVISED;
    query.after = 0;
    EXPECT_EQ(read(query), (Seqs{4}));
    query.type = sdk::str("third");
    EXPECT_EQ(read(query), Seqs{});
    query = query_of("s");
    query.notification_id = sdk::str("nobody");
    EXPECT_EQ(read(query), Seqs{});
    query.notification_id = sdk::str("N4");
    EXPECT_EQ(read(query), Seqs{});
    query = query_of("s");
    query.type = sdk::str("thir");
    EXPECT_EQ(seqs_of(read_all(store(), query)), Seqs{});
    query.state_want = BF_STATE_READ;  // outside of the mask: nothing has it
    query.type = {};
    EXPECT_EQ(seqs_of(read_all(store(), query)), Seqs{});
}

TEST_F(Reads, OfOneNotificationFindAllItsEntries) {
    for (int i = 0; i < 30; ++i) {
        store().commit(Group().append(note(i % 3 == 0 ? "mine" : "other"), {"s", "t"}));
    }
    auto query = query_of("s", 4);
    query.notification_id = sdk::str("mine");
    EXPECT_EQ(seqs_of(read_all(store(), query)), range(1, 28, 3));
    query.flags = BF_READ_BACKWARD;
    EXPECT_EQ(seqs_of(read_all(store(), query)), turned(range(1, 28, 3)));
}

TEST_F(Reads, FilteredFromALongStreamAreComplete) {
    const auto count = Kit::get().options().entries;
    constexpr std::uint64_t kStep = 1'999;
    fill(store(), "s", count, [](std::uint64_t number) {
        auto sent = note("n" + std::to_string(number));
        sent.type = number % kStep == 0 ? "rare" : "common";
        return sent;
    });
    Group marks;
    marks.mark("s", BF_STATE_READ, 0, {}, count).mark("s", 0, BF_STATE_READ, {5, count / 2, count});
    store().commit(marks);
    for (const std::uint32_t flags : {0U, BF_READ_BACKWARD}) {
        const auto in_order = [&](Seqs seqs) { return flags == 0 ? seqs : turned(seqs); };
        auto query = query_of("s", 5);
        query.flags = flags;
        query.type = sdk::str("rare");
        EXPECT_EQ(seqs_of(read_all(store(), query)), in_order(range(kStep, count, kStep)));
        query.type = sdk::str("missing");
        EXPECT_EQ(seqs_of(read_all(store(), query)), Seqs{});
        query.type = {};
        query.state_mask = BF_STATE_READ;
        EXPECT_EQ(seqs_of(read_all(store(), query)), in_order({5, count / 2, count}));
        query.limit = 1;
        EXPECT_EQ(seqs_of(read_all(store(), query)), in_order({5, count / 2, count}));
    }
}

TEST_F(Reads, MissNothingWhileEntriesComeAndGo) {
    fill(store(), "s", 200);
    std::uint64_t floor = 0;
    const auto change = [&] {
        store().append("s", "more");
        floor += 2;
        store().commit(Group().trim({.op = {},
                                     .stream = {},
                                     .older_than = 0,
                                     .keep = store().head("s").head - floor,
                                     .expired_at = 0,
                                     .limit = 100},
                                    "s"));
    };
    const auto seqs = seqs_of(read_all(store(), query_of("s", 7), change));
    ASSERT_FALSE(seqs.empty());
    EXPECT_EQ(seqs.front(), 1U);
    for (std::size_t i = 1; i < seqs.size(); ++i) {
        ASSERT_EQ(seqs[i], seqs[i - 1] + 1);  // the reader is ahead of the trims
    }
    EXPECT_GT(seqs.back(), 200U);
    auto query = query_of("s", 7);
    query.flags = BF_READ_BACKWARD;
    const auto back = seqs_of(read_all(store(), query, change));
    for (std::size_t i = 1; i < back.size(); ++i) {
        ASSERT_EQ(back[i], back[i - 1] - 1);
    }
    EXPECT_GE(back.back(), store().head("s").earliest - 2);
}

TEST_F(Reads, InPagesAreCompleteWhileThreadsAppendAndTrim) {
    fill(store(), "s", 300);
    Crew writers(3, [&](int number) {
        for (int i = 0; i < 60; ++i) {
            if (number != 0) {
                (void)store().append("s", "more");
            } else {
                store().commit(Group().trim({.op = {},
                                             .stream = {},
                                             .older_than = 0,
                                             .keep = 250,
                                             .expired_at = 0,
                                             .limit = 10},
                                            "s"));
            }
        }
    });
    while (writers.is_working()) {
        auto query = query_of("s", 20);
        query.after = store().head("s").earliest + 100;
        const auto seqs = seqs_of(read_all(store(), query));
        for (std::size_t i = 0; i < seqs.size(); ++i) {
            ASSERT_EQ(seqs[i], query.after + 1 + i);
        }
    }
    writers.wait();
}

}  // namespace
}  // namespace belfry::conformance
