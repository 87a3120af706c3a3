#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kDay = 24LL * 3600 * 1'000'000'000;

class Retention : public testing::Test {
protected:
    void fill(const std::string& stream, int count) {
        for (int i = 1; i <= count; ++i) {
            auto made = note(stream + std::to_string(i));
            made.created_at = i * 100;
            store.commit(Group().append(made, {stream}));
        }
    }
    std::array<std::uint64_t, 2> trim(bf_op_trim bounds, std::string_view stream = {}) {
        return store.commit(Group().trim(bounds, stream)).results.at(0).value;
    }
    std::string count(const std::string& table) {
        return query(folder.file("b.db"), "SELECT count(*) FROM " + table).at(0);
    }

    Folder folder;
    Store store{folder.file("b.db")};
};

TEST_F(Retention, MovesEarliestInBoundedSteps) {
    fill("s", 10);
    const bf_op_trim bounds{
        .op = {}, .stream = {}, .older_than = 801, .keep = 0, .expired_at = 0, .limit = 3};
    EXPECT_THAT(trim(bounds, "s"), ElementsAre(3U, 1U));
    EXPECT_EQ(store.head("s").earliest, 4U);
    EXPECT_EQ(store.head("s").unread, 7U);
    EXPECT_THAT(trim(bounds, "s"), ElementsAre(3U, 1U));
    EXPECT_THAT(trim(bounds, "s"), ElementsAre(2U, 0U));
    EXPECT_THAT(trim(bounds, "s"), ElementsAre(0U, 0U));
    const auto page = store.read("s");
    EXPECT_EQ(page.entries.front().seq, 9U);
    EXPECT_EQ(page.head.head, 10U);
    EXPECT_EQ(count("bodies"), "2");
    EXPECT_EQ(store.append("s", "next"), 11U);
}

TEST_F(Retention, KeepsTheNewest) {
    fill("s", 5);
    const bf_op_trim bounds{
        .op = {}, .stream = {}, .older_than = 0, .keep = 2, .expired_at = 0, .limit = 100};
    EXPECT_THAT(trim(bounds, "s"), ElementsAre(3U, 0U));
    EXPECT_EQ(store.head("s").earliest, 4U);
    EXPECT_THAT(trim(bounds, "none"), ElementsAre(0U, 0U));
}

TEST_F(Retention, AnEmptyStreamGoesOn) {
    fill("s", 3);
    store.commit(Group().mark("s", BF_STATE_READ, 0, {2}));
    EXPECT_THAT(trim({.op = {},
                      .stream = {},
                      .older_than = INT64_MAX,
                      .keep = 0,
                      .expired_at = 0,
                      .limit = 100},
                     "s"),
                ElementsAre(3U, 0U));
    const auto head = store.head("s");
    EXPECT_EQ(head.earliest, head.head + 1);
    EXPECT_EQ(head.unread, 0U);
    EXPECT_EQ(store.append("s", "next"), 4U);
}

TEST_F(Retention, ForgetsTheExpiredFromTheTail) {
    for (const std::int64_t expiry : {50, 60, 0, 70}) {
        auto made = note("n");
        made.expires_at = expiry;
        store.commit(Group().append(made, {"s"}));
    }
    EXPECT_THAT(
        trim({.op = {}, .stream = {}, .older_than = 0, .keep = 0, .expired_at = 100, .limit = 100},
             "s"),
        ElementsAre(2U, 0U));
}

TEST_F(Retention, AnyStreamInRoundsThatEnd) {
    for (int i = 0; i < 20; ++i) {
        fill("s" + std::to_string(i), 5);
    }
    std::uint64_t gone = 0;
    std::uint64_t more = 1;
    for (int calls = 0; more != 0 && calls < 100; ++calls) {
        const auto value = trim(
            {.op = {}, .stream = {}, .older_than = 301, .keep = 0, .expired_at = 0, .limit = 7});
        gone += value[0];
        more = value[1];
        EXPECT_LE(value[0], 7U);
    }
    EXPECT_EQ(more, 0U);
    EXPECT_EQ(gone, 60U);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(store.head("s" + std::to_string(i)).earliest, 4U);
    }
}

TEST_F(Retention, AnyStreamSeesWhatTheSameCallAppended) {
    Group append;
    append.append(note("a"), {"fresh"});
    Group trim_all;
    trim_all.trim(
        {.op = {}, .stream = {}, .older_than = 5'000, .keep = 0, .expired_at = 0, .limit = 9});
    EXPECT_EQ(store.commit_all({&append, &trim_all})[1].results.at(0).value[0], 1U);
    EXPECT_EQ(store.head("fresh").earliest, 2U);
}

TEST_F(Retention, ABodyGoesWithItsLastEntry) {
    store.commit(Group().append(note("a"), {"x", "y"}));
    const bf_op_trim all{
        .op = {}, .stream = {}, .older_than = INT64_MAX, .keep = 0, .expired_at = 0, .limit = 9};
    trim(all, "x");
    EXPECT_EQ(count("bodies"), "1");
    EXPECT_EQ(store.read("y").entries.size(), 1U);
    trim(all, "y");
    EXPECT_EQ(count("bodies"), "0");
}

TEST_F(Retention, AnEventIsKnownADayLongerThanItsEntry) {
    auto made = note_of("n1", "src", "e1");
    made.created_at = store.host.now();
    made.data = "secret";
    store.commit(Group().append(made, {"s"}, "h"));
    const bf_op_trim all{
        .op = {}, .stream = {}, .older_than = INT64_MAX, .keep = 0, .expired_at = 0, .limit = 9};
    trim(all, "s");
    EXPECT_TRUE(query(folder.file("b.db"), "SELECT 1 FROM bodies WHERE data <> x''").empty());
    const auto again = store.commit(Group().append(made, {"s"}, "h"));
    EXPECT_EQ(again.results.at(0).status, Status::duplicate);
    EXPECT_EQ(again.results.at(0).id, "n1");
    EXPECT_THAT(again.results.at(0).seqs, ElementsAre(0U));
    store.host.advance(kDay + 1);
    trim(all, "s");
    EXPECT_EQ(count("bodies"), "0");
    EXPECT_EQ(count("dedup"), "0");
    EXPECT_EQ(store.commit(Group().append(made, {"s"}, "h")).results.at(0).status, Status::ok);
}

TEST_F(Retention, ResetEmptiesAndGivesANewEpoch) {
    fill("s", 4);
    store.commit(Group().mark("s", BF_STATE_READ, 0, {}, 4).cursor("s", "d", 4, 4));
    const auto before = store.head("s");
    EXPECT_EQ(store.commit(Group().reset("s").append(note("x"), {"s"})).status, Status::ok);
    const auto after = store.head("s");
    EXPECT_NE(after.epoch, before.epoch);
    EXPECT_EQ(after.head, 1U);
    EXPECT_EQ(after.earliest, 1U);
    EXPECT_EQ(after.unread, 1U);
    EXPECT_EQ(store.read("s").entries.at(0).notification->id, "x");
    EXPECT_TRUE(store.cursors("s").cursors.empty());
    EXPECT_EQ(count("bodies"), "1");
    EXPECT_EQ(store.commit(Group().mark("s", BF_STATE_READ, 0, {}, 1)).results.at(0).count, 1U);
}

}  // namespace
}  // namespace belfry::storage_test
