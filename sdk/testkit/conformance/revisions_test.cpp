// A later entry that revises or takes back a notification shows on the earlier ones.
#include "sdk/testkit/conformance/kit.hpp"

namespace belfry::conformance {
namespace {

constexpr std::uint32_t kRead = BF_STATE_READ;
constexpr std::uint32_t kRevised = BF_STATE_REVISED;
constexpr std::uint32_t kRetracted = BF_STATE_RETRACTED;

class Revisions : public Case {
protected:
    void append(const std::string& id, std::uint32_t kind, std::vector<std::string> streams) {
        auto sent = note(id);
        sent.revision = ++revision_;
        const auto result = store().commit(Group().append(sent, std::move(streams), {}, kind));
        ASSERT_EQ(result.status, Status::ok) << result.message;
    }
    Seqs states(const std::string& stream) {
        const auto entries = read_all(store(), query_of(stream));
        EXPECT_EQ(unread_of(entries), store().head(stream).unread);
        Seqs all;
        for (const auto& entry : entries) {
            all.push_back(entry.state);
        }
        return all;
    }

private:
    std::uint64_t revision_ = 0;
};

TEST_F(Revisions, ShowOnTheEarlierEntries) {
    append("a", BF_ENTRY_NOTIFICATION, {"s"});
    append("b", BF_ENTRY_NOTIFICATION, {"s"});
    append("a", BF_ENTRY_REVISION, {"s"});
    EXPECT_EQ(states("s"), (Seqs{kRevised, 0, 0}));
    EXPECT_EQ(store().head("s").unread, 2U);
    append("a", BF_ENTRY_REVISION, {"s"});
    EXPECT_EQ(states("s"), (Seqs{kRevised, 0, kRevised, 0}));
    append("b", BF_ENTRY_REVISION, {"s"});
    EXPECT_EQ(states("s"), (Seqs{kRevised, kRevised, kRevised, 0, 0}));
    EXPECT_EQ(store().head("s").unread, 2U);
    const auto entries = store().read("s").entries;
    EXPECT_EQ(entries[2].kind, BF_ENTRY_REVISION);
    EXPECT_EQ(entries[2].notification->revision, 3U);
    EXPECT_EQ(entries[0].notification->revision, 1U);
}

TEST_F(Revisions, ThatTakeBackLeaveNothingUnread) {
    append("a", BF_ENTRY_NOTIFICATION, {"s"});
    append("b", BF_ENTRY_NOTIFICATION, {"s"});
    append("a", BF_ENTRY_REVISION, {"s"});
    append("a", BF_ENTRY_RETRACTION, {"s"});
    EXPECT_EQ(states("s"), (Seqs{kRevised | kRetracted, 0, kRetracted, 0}));
    EXPECT_EQ(store().head("s").unread, 1U);
    append("b", BF_ENTRY_RETRACTION, {"s"});
    EXPECT_EQ(store().head("s").unread, 0U);
    append("b", BF_ENTRY_RETRACTION, {"s"});  // again
    EXPECT_EQ(store().head("s").unread, 0U);
    restart();
    EXPECT_EQ(states("s"), (Seqs{kRevised | kRetracted, kRetracted, kRetracted, 0, kRetracted, 0}));
}

TEST_F(Revisions, OfWhatIsReadCountOnce) {
    append("a", BF_ENTRY_NOTIFICATION, {"s"});
    append("b", BF_ENTRY_NOTIFICATION, {"s"});
    store().commit(Group().mark("s", kRead, 0, {1}));
    append("a", BF_ENTRY_RETRACTION, {"s"});
    EXPECT_EQ(store().head("s").unread, 1U);
    EXPECT_EQ(states("s"), (Seqs{kRead | kRetracted, 0, 0}));
    // Neither reading nor its opposite counts what was taken back.
    auto result = store().commit(Group().mark("s", 0, kRead, {1}));
    EXPECT_EQ(result.results.at(0).count, 1U);
    EXPECT_EQ(result.results.at(0).value[0], 1U);
    result = store().commit(Group().mark("s", kRead, 0, {}, 3));
    EXPECT_EQ(result.results.at(0).value[0], 0U);
    result = store().commit(Group().mark("s", 0, kRead, {}, 3));
    EXPECT_EQ(result.results.at(0).value[0], 1U);
    EXPECT_EQ(states("s"), (Seqs{kRetracted, 0, 0}));
}

TEST_F(Revisions, ReachOnlyTheirOwnStreams) {
    append("a", BF_ENTRY_NOTIFICATION, {"x", "y", "z"});
    append("a", BF_ENTRY_RETRACTION, {"x", "z"});
    append("a", BF_ENTRY_REVISION, {"y", "new"});
    EXPECT_EQ(states("x"), (Seqs{kRetracted, 0}));
    EXPECT_EQ(states("y"), (Seqs{kRevised, 0}));
    EXPECT_EQ(states("z"), (Seqs{kRetracted, 0}));
    EXPECT_EQ(states("new"), (Seqs{0}));
    EXPECT_EQ(store().head("y").unread, 1U);
    EXPECT_EQ(store().head("x").unread, 0U);
}

TEST_F(Revisions, ReachAllEarlierEntriesOfTheId) {
    for (int i = 0; i < 4; ++i) {
        append("a", BF_ENTRY_NOTIFICATION, {"s"});
        append("a" + std::to_string(i), BF_ENTRY_NOTIFICATION, {"s"});
    }
    append("a", BF_ENTRY_RETRACTION, {"s"});
    EXPECT_EQ(states("s"), (Seqs{kRetracted, 0, kRetracted, 0, kRetracted, 0, kRetracted, 0, 0}));
    EXPECT_EQ(store().head("s").unread, 4U);
    append("a", BF_ENTRY_NOTIFICATION, {"s"});  // later ones are not reached
    EXPECT_EQ(store().head("s").unread, 5U);
}

TEST_F(Revisions, ReachWhatTheirOwnGroupWrote) {
    const auto result = store().commit(Group()
                                           .append(note("a"), {"s"})
                                           .append(note("a"), {"s"}, {}, BF_ENTRY_REVISION)
                                           .append(note("a"), {"s"}, {}, BF_ENTRY_RETRACTION)
                                           .append(note("b"), {"s"}));
    ASSERT_EQ(result.status, Status::ok);
    EXPECT_EQ(states("s"), (Seqs{kRevised | kRetracted, kRetracted, 0, 0}));
    EXPECT_EQ(store().head("s").unread, 1U);
}

TEST_F(Revisions, AreTakenBackWithTheirGroup) {
    append("a", BF_ENTRY_NOTIFICATION, {"s"});
    EXPECT_EQ(store()
                  .commit(Group()
                              .append(note("a"), {"s"}, {}, BF_ENTRY_RETRACTION)
                              .remove("c", "missing", BF_VERSION_ANY))
                  .status,
              Status::not_found);
    EXPECT_EQ(states("s"), (Seqs{0}));
    EXPECT_EQ(store().head("s").unread, 1U);
}

TEST_F(Revisions, WithoutAnEarlierEntryAreJustEntries) {
    append("a", BF_ENTRY_REVISION, {"s"});
    append("b", BF_ENTRY_RETRACTION, {"s"});
    EXPECT_EQ(states("s"), (Seqs{0, 0}));
    EXPECT_EQ(store().head("s").unread, 0U);
}

TEST_F(Revisions, CanBeFilteredOut) {
    append("a", BF_ENTRY_NOTIFICATION, {"s"});
    append("b", BF_ENTRY_NOTIFICATION, {"s"});
    append("c", BF_ENTRY_NOTIFICATION, {"s"});
    append("b", BF_ENTRY_REVISION, {"s"});
    append("c", BF_ENTRY_RETRACTION, {"s"});
    auto query = query_of("s");
    query.state_mask = kRevised | kRetracted;
    EXPECT_EQ(seqs_of(read_all(store(), query)), (Seqs{1, 4, 5}));
    query.state_mask = query.state_want = kRetracted;
    EXPECT_EQ(seqs_of(read_all(store(), query)), (Seqs{3}));
    query = query_of("s");
    query.notification_id = sdk::str("b");
    EXPECT_EQ(seqs_of(read_all(store(), query)), (Seqs{2, 4}));
}

}  // namespace
}  // namespace belfry::conformance
