#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::uint64_t> seqs_of(const sdk::Page& page) {
    std::vector<std::uint64_t> seqs;
    for (const auto& entry : page.entries) {
        seqs.push_back(entry.seq);
    }
    return seqs;
}

class Entries : public testing::Test {
protected:
    void fill(const std::string& stream, int count) {
        for (int i = 1; i <= count; ++i) {
            store.append(stream, "n" + std::to_string(i));
        }
    }
    bf_read query_of(std::string_view stream) {
        bf_read query{};
        query.stream = sdk::str(stream);
        query.limit = 100;
        query.max_bytes = UINT64_MAX;
        return query;
    }

    Folder folder;
    Store store{folder.file("b.db")};
};

TEST_F(Entries, KeepsEveryByte) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes += static_cast<char>(i);
    }
    sdk::Notification sent;
    sent.id = "n1";
    sent.priority = -7;
    sent.type = "a.b";
    sent.title = "t\xff" + bytes;
    sent.body = bytes + bytes;
    sent.data = bytes;
    sent.data_type = "application/octet-stream";
    sent.collapse_key = "c";
    sent.created_at = 1'700'000'000'123'456'789;
    sent.expires_at = INT64_MAX;
    sent.revision = 3;
    sent.source = "s";
    sent.event_id = "e";
    sent.trace = "00-1-2-01";
    store.commit(Group().append(sent, {"user:1"}, bytes));

    const auto page = store.read("user:1");
    ASSERT_EQ(page.entries.size(), 1U);
    const auto& read = *page.entries[0].notification;
    EXPECT_EQ(read.priority, -7);
    EXPECT_EQ(read.title, sent.title);
    EXPECT_EQ(read.body, sent.body);
    EXPECT_EQ(read.data, bytes);
    EXPECT_EQ(read.data_type, sent.data_type);
    EXPECT_EQ(read.created_at, sent.created_at);
    EXPECT_EQ(read.expires_at, INT64_MAX);
    EXPECT_EQ(read.revision, 3U);
    EXPECT_EQ(read.id + read.type + read.collapse_key + read.source + read.event_id + read.trace,
              "n1a.bcse00-1-2-01");
    EXPECT_EQ(page.entries[0].stream, "user:1");
}

TEST_F(Entries, HeadsAgreeWithAppends) {
    const auto result =
        store.commit(Group().append(note("a"), {"x", "y"}).append(note("b"), {"y"}));
    ASSERT_EQ(result.status, Status::ok);
    EXPECT_EQ(result.results[0].id, "a");
    EXPECT_THAT(result.results[0].seqs, ElementsAre(1U, 1U));
    EXPECT_THAT(result.results[1].seqs, ElementsAre(2U));
    const auto head = store.head("y");
    EXPECT_TRUE(head.exists);
    EXPECT_EQ(head.epoch, result.results[1].epochs.at(0));
    EXPECT_GT(head.epoch, 0U);
    EXPECT_LT(head.epoch, 1ULL << 40U);
    EXPECT_EQ(head.head, 2U);
    EXPECT_EQ(head.earliest, 1U);
    EXPECT_EQ(head.unread, 2U);
    EXPECT_NE(store.head("x").epoch, head.epoch);
    EXPECT_FALSE(store.head("z").exists);
    EXPECT_EQ(store.head("z").earliest, 0U);
}

TEST_F(Entries, ReadsForwardAndBackwardInPages) {
    fill("s", 10);
    auto page = store.read("s", 4, 3);
    EXPECT_THAT(seqs_of(page), ElementsAre(5U, 6U, 7U));
    EXPECT_TRUE(page.more);
    page = store.read("s", 7, 3);
    EXPECT_THAT(seqs_of(page), ElementsAre(8U, 9U, 10U));
    EXPECT_FALSE(page.more);
    EXPECT_TRUE(store.read("s", 10).entries.empty());
    EXPECT_TRUE(store.read("s", UINT64_MAX).entries.empty());

    auto query = query_of("s");
    query.flags = BF_READ_BACKWARD;
    query.limit = 2;
    EXPECT_THAT(seqs_of(store.read(query)), ElementsAre(10U, 9U));
    query.after = 3;
    EXPECT_THAT(seqs_of(store.read(query)), ElementsAre(2U, 1U));
    query.after = 1;
    EXPECT_TRUE(store.read(query).entries.empty());
}

TEST_F(Entries, StopsAtTheBytesAskedFor) {
    auto big = note("big");
    big.data.assign(1'000, 'x');
    for (int i = 0; i < 5; ++i) {
        store.commit(Group().append(big, {"s"}));
    }
    auto query = query_of("s");
    query.max_bytes = 1'500;
    auto page = store.read(query);
    EXPECT_EQ(page.entries.size(), 2U);
    EXPECT_TRUE(page.more);
    query.max_bytes = 1;
    EXPECT_EQ(store.read(query).entries.size(), 1U);
}

TEST_F(Entries, FiltersByStateTypeAndNotification) {
    fill("s", 6);
    auto typed = note("typed");
    typed.type = "other";
    store.commit(Group().append(typed, {"s"}));
    store.commit(Group().mark("s", BF_STATE_READ, 0, {2, 5}));

    auto query = query_of("s");
    query.state_mask = BF_STATE_READ;
    EXPECT_THAT(seqs_of(store.read(query)), ElementsAre(1U, 3U, 4U, 6U, 7U));
    query.state_want = BF_STATE_READ;
    EXPECT_THAT(seqs_of(store.read(query)), ElementsAre(2U, 5U));

    query = query_of("s");
    query.type = sdk::str("other");
    EXPECT_THAT(seqs_of(store.read(query)), ElementsAre(7U));

    query = query_of("s");
    query.notification_id = sdk::str("n4");
    EXPECT_THAT(seqs_of(store.read(query)), ElementsAre(4U));
    store.commit(Group().append(note("n4"), {"s"}, {}, BF_ENTRY_REVISION));
    EXPECT_THAT(seqs_of(store.read(query)), ElementsAre(4U, 8U));
    query.notification_id = sdk::str("nobody");
    EXPECT_TRUE(store.read(query).entries.empty());
}

TEST_F(Entries, MarksAndCountsUnread) {
    fill("s", 5);
    auto result = store.commit(Group().mark("s", BF_STATE_READ, 0, {2, 2, 99}, 0, 77)).results[0];
    EXPECT_EQ(result.count, 1U);
    EXPECT_EQ(result.value[0], 4U);
    EXPECT_EQ(store.read("s").entries[1].read_at, 77);

    result = store.commit(Group().mark("s", BF_STATE_READ, 0, {}, 4, 88)).results[0];
    EXPECT_EQ(result.count, 3U);
    EXPECT_EQ(result.value[0], 1U);
    EXPECT_EQ(store.read("s").entries[1].read_at, 77);  // it was read before
    EXPECT_EQ(store.read("s").entries[3].read_at, 88);

    result = store.commit(Group().mark("s", 0, BF_STATE_READ, {3})).results[0];
    EXPECT_EQ(result.value[0], 2U);
    EXPECT_EQ(store.read("s").entries[2].read_at, 0);
    EXPECT_EQ(store.read("s").entries[2].state, 0U);

    result = store.commit(Group().mark("s", BF_STATE_READ, 0, {}, UINT64_MAX)).results[0];
    EXPECT_EQ(result.count, 2U);
    EXPECT_EQ(result.value[0], 0U);
    EXPECT_EQ(store.head("s").unread, 0U);
    store.append("s", "more");
    EXPECT_EQ(store.head("s").unread, 1U);
}

TEST_F(Entries, MarksOfSeveralBitsReachWhatOnlyOneHas) {
    fill("s", 4);
    store.commit(Group().mark("s", BF_STATE_READ, 0, {}, 4));
    auto result = store.commit(Group().mark("s", BF_STATE_READ | BF_STATE_SEEN, 0, {}, 4));
    EXPECT_EQ(result.results[0].count, 4U);
    result = store.commit(Group().mark("s", BF_STATE_ARCHIVED, BF_STATE_SEEN, {}, 2));
    EXPECT_EQ(result.results[0].count, 2U);
    result = store.commit(Group().mark("s", BF_STATE_SEEN, 0, {}, 4));
    EXPECT_EQ(result.results[0].count, 2U);
    for (const auto& entry : store.read("s").entries) {
        EXPECT_EQ(entry.state & (BF_STATE_READ | BF_STATE_SEEN), BF_STATE_READ | BF_STATE_SEEN);
    }
    EXPECT_EQ(store.commit(Group().mark("none", BF_STATE_READ, 0, {1}, 9)).status, Status::ok);
}

TEST_F(Entries, CursorsOnlyMoveForward) {
    store.commit(Group().cursor("s", "phone", 5, 3));
    store.commit(Group().cursor("s", "phone", 2, 4).cursor("s", "tv", 1, 0));
    store.commit(Group().cursor("s", "phone", 0, 0));
    const auto cursors = store.cursors("s").cursors;
    ASSERT_EQ(cursors.size(), 2U);
    EXPECT_EQ(cursors[0].device, "phone");
    EXPECT_EQ(cursors[0].delivered, 5U);
    EXPECT_EQ(cursors[0].read, 4U);
    EXPECT_EQ(cursors[1].device, "tv");
}

TEST_F(Entries, FansOutOneBody) {
    std::vector<std::string> streams;
    for (int i = 0; i < 5'000; ++i) {
        streams.push_back("user:" + std::to_string(i * 7919 % 5'000));
    }
    const auto result = store.commit(Group().append(note("all"), streams));
    ASSERT_EQ(result.results[0].seqs.size(), 5'000U);
    EXPECT_TRUE(std::ranges::all_of(result.results[0].seqs, [](auto seq) { return seq == 1; }));
    EXPECT_EQ(store.read(streams[1'234]).entries.at(0).notification->id, "all");
    EXPECT_EQ(store.head(streams[1'234]).epoch, result.results[0].epochs[1'234]);
    EXPECT_THAT(query(folder.file("b.db"), "SELECT count(*) FROM bodies"), ElementsAre("1"));
    EXPECT_EQ(store.stats().streams, 5'000U);
    EXPECT_EQ(store.stats().entries, 5'000U);
}

TEST_F(Entries, ListsStreamsByName) {
    store.commit(Group().append(note("a"), {"c", "a", "b"}));
    const auto list = [&](std::string_view after, std::uint64_t limit) {
        auto outcome = testkit::await<sdk::Heads>(store.instance, "streams", [&](bf_done done) {
            store.table.streams(store.instance.handle(), sdk::str(after), limit, done);
        });
        std::string names;
        for (const auto& head : outcome.value.heads) {
            names += head.stream;
        }
        return names;
    };
    EXPECT_EQ(list("", 2), "ab");
    EXPECT_EQ(list("b", 2), "c");
}

TEST_F(Entries, ShowsPeopleTheirNotifications) {
    store.append("user:1", "mine");
    store.append("user:12", "not mine");
    store.commit(Group().mark("user:1", BF_STATE_READ, 0, {1}));
    const auto path = folder.file("b.db");
    EXPECT_THAT(query(path, "SELECT id || ' ' || read FROM notifications WHERE user_id = 1"),
                ElementsAre("mine 1"));
    EXPECT_THAT(query(path, "SELECT id FROM notifications WHERE user_id = '12'"),
                ElementsAre("not mine"));
}

}  // namespace
}  // namespace belfry::storage_test
