#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Groups : public testing::Test {
protected:
    Folder folder;
    Store store{folder.file("b.db")};
};

TEST_F(Groups, AreAllOrNothingAndLeaveNeighboursAlone) {
    store.commit(Group().put("c", "taken", 0, "1"));
    Group first;
    first.append(note("a"), {"s"});
    Group broken;
    broken.append(note("b"), {"s", "fresh"})
        .cursor("s", "d", 9, 9)
        .owe("q", "j", 1)
        .put("c", "taken", 0, "2");
    Group last;
    last.append(note("c"), {"s", "fresh"});
    const auto results = store.commit_all({&first, &broken, &last});
    EXPECT_EQ(results[0].status, Status::ok);
    EXPECT_EQ(results[1].status, Status::conflict);
    EXPECT_THAT(results[1].message, HasSubstr("taken"));
    EXPECT_EQ(results[2].status, Status::ok);
    EXPECT_THAT(results[2].results[0].seqs, ElementsAre(2U, 1U));
    EXPECT_EQ(store.head("s").head, 2U);
    EXPECT_EQ(store.head("s").unread, 2U);
    EXPECT_EQ(store.head("fresh").head, 1U);
    EXPECT_TRUE(store.cursors("s").cursors.empty());
    EXPECT_TRUE(store.jobs("q", BF_JOB_PENDING).jobs.empty());
    EXPECT_EQ(store.read("s").entries[1].notification->id, "c");
    EXPECT_EQ(store.get("c", "taken").value.document, "1");
}

TEST_F(Groups, OneEventHasOneEffect) {
    const auto first =
        store.commit(Group().append(note_of("n1", "shop", "e1"), {"a", "b"}, "hash"));
    const auto again =
        store.commit(Group().append(note_of("n2", "shop", "e1"), {"b", "a"}, "hash"));
    ASSERT_EQ(again.results.size(), 1U);
    EXPECT_EQ(again.results[0].status, Status::duplicate);
    EXPECT_EQ(again.results[0].id, "n1");
    EXPECT_THAT(again.results[0].seqs, ElementsAre(1U, 1U));
    EXPECT_THAT(again.results[0].epochs,
                ElementsAre(first.results[0].epochs[1], first.results[0].epochs[0]));
    EXPECT_EQ(store.head("a").head, 1U);

    const auto other = store.commit(Group().append(note_of("n3", "shop", "e1"), {"a"}, "else"));
    EXPECT_EQ(other.status, Status::conflict);
    EXPECT_EQ(store.commit(Group().append(note_of("n4", "bank", "e1"), {"a"}, "else")).status,
              Status::ok);
    EXPECT_EQ(store.head("a").head, 2U);
}

TEST_F(Groups, DuplicatesFindTheirPlaceAmongMany) {
    for (int i = 1; i <= 300; ++i) {
        const auto id = std::to_string(i);
        store.commit(Group().append(note_of("n" + id, "s", id), {"all", "s" + id}, id));
    }
    for (int i = 1; i <= 300; i += 7) {
        const auto id = std::to_string(i);
        const auto result =
            store.commit(Group().append(note_of("x", "s", id), {"all", "s" + id, "no"}, id));
        EXPECT_THAT(result.results[0].seqs, ElementsAre(static_cast<std::uint64_t>(i), 1U, 0U));
    }
}

TEST_F(Groups, ARepeatedCommitFindsWhatTheFirstStored) {
    const auto first = store.commit(Group().append(note("n1"), {"a"}));
    const auto repeat = [&](const char* id) {
        return store.commit(
            Group().append(note(id), {"a"}, {}, BF_ENTRY_NOTIFICATION, BF_APPEND_REPEATED));
    };
    EXPECT_EQ(repeat("n1").results[0].status, Status::duplicate);
    EXPECT_THAT(repeat("n1").results[0].seqs, ElementsAre(1U));
    EXPECT_EQ(repeat("n2").results[0].status, Status::ok);
    EXPECT_EQ(store.head("a").head, 2U);
    EXPECT_EQ(first.status, Status::ok);
}

TEST_F(Groups, DuplicateInsideATransactionOfItsFirst) {
    Group first;
    first.append(note_of("n1", "s", "e"), {"a"}, "h");
    Group second;
    second.append(note_of("n2", "s", "e"), {"a"}, "h");
    const auto results = store.commit_all({&first, &second});
    EXPECT_EQ(results[0].results[0].status, Status::ok);
    EXPECT_EQ(results[1].results[0].status, Status::duplicate);
    EXPECT_THAT(results[1].results[0].seqs, ElementsAre(1U));
}

TEST_F(Groups, RefuseWhatMakesNoSense) {
    const std::string nul("a\0b", 3);
    const std::string longest(1024, 'x');
    EXPECT_EQ(store.commit(Group().append(note("a"), {""})).status, Status::invalid);
    EXPECT_EQ(store.commit(Group().append(note("a"), {nul})).status, Status::invalid);
    EXPECT_EQ(store.commit(Group().append(note("a"), {longest + "x"})).status, Status::invalid);
    EXPECT_EQ(store.commit(Group().append(note("a"), {longest})).status, Status::ok);
    EXPECT_EQ(store.commit(Group().append(note("a"), {"x", "y", "x"})).status, Status::invalid);
    EXPECT_EQ(store.commit(Group().append(note("a"), {"x", "x"})).status, Status::invalid);
    EXPECT_EQ(store.commit(Group().append(note(""), {"x"})).status, Status::invalid);
    EXPECT_EQ(store.commit(Group().cursor("x", "", 1, 1)).status, Status::invalid);
    EXPECT_EQ(store.commit(Group().put("", "id", 0, "")).status, Status::invalid);
    EXPECT_EQ(store.commit(Group().owe("q", nul, 0)).status, Status::invalid);
    EXPECT_EQ(store.commit(Group().append(note("a"), {"x"}).unknown()).status, Status::refused);
    EXPECT_FALSE(store.head("x").exists);
    EXPECT_EQ(store.commit(Group()).status, Status::ok);
}

TEST_F(Groups, AnEmptyCallSucceeds) { EXPECT_TRUE(store.commit_all({}).empty()); }

TEST_F(Groups, ACallOfMoreThanTheQueueHoldsIsInvalid) {
    auto big = note("a");
    big.data.assign(257U << 20U, 'x');
    Group group;
    group.append(big, {"s"});
    EXPECT_EQ(store.begin_commit({&group}).wait().status, Status::invalid);
}

TEST_F(Groups, TooMuchThatWaitsIsRefusedUntilThereIsRoom) {
    auto big = note("a");
    big.data.assign(20U << 20U, 'x');
    Group group;
    group.append(big, {"s"});
    std::vector<testkit::Pending<sdk::Committed>> pending;
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
