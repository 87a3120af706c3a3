// A stream that begins anew: everything before is gone, in a new epoch.
#include "sdk/testkit/conformance/kit.hpp"

#include <set>

namespace belfry::conformance {
namespace {

class Resets : public Case {
protected:
    void reset(const std::string& stream) {
        const auto result = store().commit(Group().reset(stream));
        ASSERT_EQ(result.status, Status::ok) << result.message;
    }
    void expect_empty(const std::string& stream) {
        const auto head = store().head(stream);
        EXPECT_TRUE(head.exists);
        EXPECT_EQ(head.head, 0U);
        EXPECT_EQ(head.earliest, 1U);
        EXPECT_EQ(head.unread, 0U);
        EXPECT_TRUE(read_all(store(), query_of(stream)).empty());
    }
};

TEST_F(Resets, EmptyTheStream) {
    fill(store(), "s", 20);
    fill(store(), "t", 2);
    const auto before = store().head("s").epoch;
    reset("s");
    expect_empty("s");
    const auto after = store().head("s").epoch;
    EXPECT_NE(after, before);
    for (const auto* id : {"n1", "n7", "n20"}) {
        auto query = query_of("s");
        query.notification_id = sdk::str(id);
        EXPECT_TRUE(read_all(store(), query).empty()) << id;
    }
    EXPECT_EQ(store().read("t").entries.size(), 2U);
    restart();
    expect_empty("s");
    EXPECT_EQ(store().head("s").epoch, after);
}

TEST_F(Resets, BeginAtOneAgain) {
    fill(store(), "s", 20);
    store().commit(Group().mark("s", BF_STATE_READ | BF_STATE_SEEN, 0, {}, 20));
    reset("s");
    EXPECT_EQ(store().append("s", "new"), 1U);
    const auto page = store().read("s");
    ASSERT_EQ(page.entries.size(), 1U);
    EXPECT_EQ(page.entries[0].notification->id, "new");
    EXPECT_EQ(page.entries[0].state, 0U);
    EXPECT_EQ(page.entries[0].epoch, store().head("s").epoch);
    EXPECT_EQ(page.head.unread, 1U);
    const auto marked = store().commit(Group().mark("s", BF_STATE_READ, 0, {5, 20}, 19));
    EXPECT_EQ(marked.results.at(0).count, 1U);
    fill(store(), "s", 30);
    EXPECT_EQ(seqs_of(read_all(store(), query_of("s", 7))).size(), 31U);
}

TEST_F(Resets, GiveAnEpochThatWasNeverThere) {
    std::set<std::uint64_t> epochs{0};
    for (int i = 0; i < 50; ++i) {
        reset("s");
        EXPECT_TRUE(epochs.insert(store().head("s").epoch).second);
    }
}

TEST_F(Resets, MakeAStreamThatIsNotThere) {
    reset("new");
    expect_empty("new");
    EXPECT_EQ(store().streams("", 10).size(), 1U);
    const auto epoch = store().head("new").epoch;
    const auto result = store().commit(Group().append(note("a"), {"new"}));
    EXPECT_EQ(result.results.at(0).epochs, (Seqs{epoch}));
    EXPECT_EQ(result.results.at(0).seqs, (Seqs{1}));
}

TEST_F(Resets, TakePartInTheirGroup) {
    fill(store(), "s", 5);
    const auto result = store().commit(Group()
                                           .append(note("a"), {"s"})
                                           .reset("s")
                                           .append(note("b"), {"s"})
                                           .mark("s", BF_STATE_READ, 0, {}, 9));
    ASSERT_EQ(result.status, Status::ok);
    EXPECT_EQ(result.results[0].seqs, (Seqs{6}));
    EXPECT_EQ(result.results[2].seqs, (Seqs{1}));
    EXPECT_EQ(result.results[3].count, 1U);
    EXPECT_NE(result.results[0].epochs, result.results[2].epochs);
    EXPECT_EQ(result.results[2].epochs, (Seqs{store().head("s").epoch}));
    EXPECT_EQ(store().head("s").head, 1U);
}

TEST_F(Resets, ForgetRevisionsOfWhatWasThere) {
    fill(store(), "s", 3);
    reset("s");
    store().commit(Group().append(note("n1"), {"s"}, {}, BF_ENTRY_RETRACTION));
    const auto entries = store().read("s").entries;
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].state, 0U);
    EXPECT_EQ(store().head("s").unread, 0U);
}

TEST_F(Resets, LeaveTheRestToTrims) {
    fill(store(), "s", 2'000);
    store().commit(Group().append(note("shared"), {"s", "t"}));
    for (int i = 0; i < 3; ++i) {
        reset("s");
        fill(store(), "s", 100);
    }
    // However often, and whatever is left to clear away: what is there now stays.
    bf_op_trim bounds{};
    bounds.older_than = 1;
    bounds.limit = 50;
    for (int rounds = 0, calls = 0; rounds < 3; ++calls) {
        ASSERT_LT(calls, 1'000) << "there is always more";
        const auto value = store().commit(Group().trim(bounds)).results.at(0).value;
        EXPECT_LE(value[0], 50U);
        rounds += value[1] == 0 ? 1 : 0;
    }
    EXPECT_EQ(store().read("s").entries.size(), 100U);
    EXPECT_EQ(store().head("s").unread, 100U);
    EXPECT_EQ(store().read("t").entries.at(0).notification->id, "shared");
    EXPECT_EQ(store().stats().entries, 101U);
}

TEST_F(Resets, LetTheEventsOfTheStreamComeAgainOrNot) {
    store().commit(Group().append(note_of("n1", "shop", "e1"), {"s"}, "hash"));
    reset("s");
    const auto again = store().commit(Group().append(note_of("n2", "shop", "e1"), {"s"}, "hash"));
    ASSERT_EQ(again.status, Status::ok);
    const bool is_known = again.results.at(0).status == Status::duplicate;
    EXPECT_EQ(again.results.at(0).seqs, (Seqs{is_known ? 0U : 1U}));
    EXPECT_EQ(again.results.at(0).id, is_known ? "n1" : "n2");
    EXPECT_EQ(store().head("s").head, is_known ? 0U : 1U);
}

}  // namespace
}  // namespace belfry::conformance
