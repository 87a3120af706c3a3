// Reads that leave entries out look at so many of them; everything else, the conformance kit has.
#include "tests/unit/storage_postgresql/store.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// One record of each kind that a stream needs, `count` entries long. Each body is of one entry.
class Streams {
public:
    using Maker = std::function<void(sdk::Notification&, std::uint64_t)>;

    explicit Streams(Store& store) : store_(store) {}
    void make(const std::string& stream, std::uint64_t count, const Maker& maker);

private:
    void load(const std::vector<sdk::Record>& records) {
        const auto outcome = store_.load(records);
        ASSERT_TRUE(outcome.ok()) << outcome.message;
    }

    Store& store_;
    std::uint64_t last_ref_ = 0;
};

void Streams::make(const std::string& stream, std::uint64_t count, const Maker& maker) {
    std::vector<sdk::Record> bodies;
    std::vector<sdk::Record> rest{sdk::StreamRecord{stream, 7, 1, count, count}};
    for (std::uint64_t seq = 1; seq <= count; ++seq) {
        auto sent = std::make_shared<sdk::Notification>(note("n" + std::to_string(seq)));
        maker(*sent, seq);
        bodies.emplace_back(sdk::BodyRecord{0, false, ++last_ref_, 1, {}, std::move(sent)});
        rest.emplace_back(sdk::EntryRecord{stream, seq, last_ref_, 0, 0, 0});
    }
    load(bodies);
    load(rest);
}

struct Read {
    std::vector<std::uint64_t> seqs;
    std::size_t pages = 0;
};

/// Page after page.
Read read_all(Store& store, bf_read query) {
    Read all;
    for (;;) {
        const auto page = store.read(query);
        ++all.pages;
        for (const auto& entry : page.entries) {
            all.seqs.push_back(entry.seq);
        }
        if (!page.more || all.pages > 1'000) {
            return all;
        }
        EXPECT_NE(page.next, query.after);
        query.after = page.next;
    }
}

bf_read query_of(std::string_view stream, std::uint32_t flags) {
    bf_read query{};
    query.flags = flags;
    query.stream = sdk::str(stream);
    query.limit = 100;
    query.max_bytes = UINT64_MAX;
    return query;
}

using PostgresReads = Postgres;

TEST_F(PostgresReads, LookAtSoManyEntriesOfAType) {
    Streams(store()).make("s", 12'000, [](auto& sent, std::uint64_t seq) {
        sent.type = seq == 1 || seq == 7'777 || seq == 12'000 ? "rare" : "";
    });
    auto query = query_of("s", 0);
    query.type = sdk::str("rare");
    const auto first = store().read(query);
    EXPECT_EQ(first.entries.size(), 1U);
    EXPECT_TRUE(first.more);
    EXPECT_EQ(first.next, 5'000U);
    const auto forward = read_all(store(), query);
    EXPECT_THAT(forward.seqs, ElementsAre(1, 7'777, 12'000));
    EXPECT_EQ(forward.pages, 3U);
    query.flags = BF_READ_BACKWARD;
    const auto backward = read_all(store(), query);
    EXPECT_THAT(backward.seqs, ElementsAre(12'000, 7'777, 1));
    EXPECT_EQ(backward.pages, 3U);
    query.type = sdk::str("nothing has it");
    EXPECT_THAT(read_all(store(), query).seqs, IsEmpty());
}

TEST_F(PostgresReads, FindOneNotificationInALongStream) {
    Streams streams(store());
    streams.make("other", 300, [](auto& sent, auto) { sent.id = "one"; });
    streams.make("s", 9'000, [](auto& sent, std::uint64_t seq) {
        sent.id = seq % 4'000 == 1 ? "one" : sent.id;
    });
    streams.make("another", 300, [](auto& sent, auto) { sent.id = "one"; });
    for (const std::uint64_t limit : {1U, 2U, 100U}) {
        auto query = query_of("s", 0);
        query.notification_id = sdk::str("one");
        query.limit = limit;
        EXPECT_THAT(read_all(store(), query).seqs, ElementsAre(1, 4'001, 8'001)) << limit;
        query.flags = BF_READ_BACKWARD;
        EXPECT_THAT(read_all(store(), query).seqs, ElementsAre(8'001, 4'001, 1)) << limit;
        query.after = 4'001;
        EXPECT_THAT(read_all(store(), query).seqs, ElementsAre(1)) << limit;
    }
}

TEST_F(PostgresReads, LookAtSoManyBodiesOfANotification) {
    Streams streams(store());
    // More than are looked at once lie between the entries of `s`, and none of them is there.
    streams.make("s", 3, [](auto& sent, auto) { sent.id = "one"; });
    streams.make("other", 11'000, [](auto& sent, auto) { sent.id = "one"; });
    auto query = query_of("other", 0);
    query.notification_id = sdk::str("one");
    query.limit = 10'000;
    const auto forward = read_all(store(), query);
    EXPECT_EQ(forward.seqs.size(), 11'000U);
    EXPECT_TRUE(std::ranges::is_sorted(forward.seqs));
    EXPECT_EQ(forward.pages, 3U);
    query.flags = BF_READ_BACKWARD;
    const auto backward = read_all(store(), query);
    EXPECT_EQ(backward.seqs.size(), 11'000U);
    EXPECT_TRUE(std::ranges::is_sorted(backward.seqs, std::greater<>{}));
    query.stream = sdk::str("s");
    EXPECT_THAT(read_all(store(), query).seqs, ElementsAre(3, 2, 1));
    query.flags = 0;
    EXPECT_THAT(read_all(store(), query).seqs, ElementsAre(1, 2, 3));
}

TEST_F(PostgresReads, KnowNothingByWhatIsNoText) {
    store().append("s", "n");
    EXPECT_FALSE(store().head("s\xff").exists);
    EXPECT_FALSE(store().head(std::string_view("s\0", 2)).exists);
    const auto heads = store().heads({"\xff", "s", ""});
    EXPECT_FALSE(heads[0].exists);
    EXPECT_TRUE(heads[1].exists);
    EXPECT_FALSE(heads[2].exists);
    auto query = query_of("s", 0);
    query.notification_id = sdk::str(std::string_view("n\0", 2));
    auto page = store().read(query);
    EXPECT_THAT(page.entries, IsEmpty());
    EXPECT_FALSE(page.more);
    EXPECT_EQ(page.head.head, 1U);
    query.notification_id = {};
    query.type = sdk::str("\x80");
    EXPECT_THAT(store().read(query).entries, IsEmpty());
    EXPECT_THAT(store().cursors("\xff").cursors, IsEmpty());
    EXPECT_THAT(store().cursor("s", "\xff").cursors, IsEmpty());
    EXPECT_EQ(store().get("c", "\xff").status, Status::not_found);
    EXPECT_THAT(store().jobs("\xff", BF_JOB_PENDING).jobs, IsEmpty());
    EXPECT_EQ(store().streams("r\xff", 10).size(), 1U);
    EXPECT_EQ(store().streams("\xff", 10).size(), 0U);
}

}  // namespace
}  // namespace belfry::storage_test
