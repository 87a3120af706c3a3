// Read, archived, seen: what a mark changes, and what it counts.
#include "sdk/testkit/conformance/kit.hpp"

namespace belfry::conformance {
namespace {

constexpr std::uint32_t kMarkRead = BF_STATE_READ;
constexpr std::uint32_t kArchived = BF_STATE_ARCHIVED;
constexpr std::uint32_t kSeen = BF_STATE_SEEN;

class Marks : public Case {
protected:
    void SetUp() override {
        Case::SetUp();
        fill(store(), "s", 6);
    }
    /// -> count, unread left, more to do
    Seqs mark(bf_op_mark op, std::vector<std::uint64_t> seqs = {}) {
        const auto result = store().commit(Group().mark("s", op, std::move(seqs)));
        if (result.status != Status::ok) {
            throw testkit::Failed(result.message);
        }
        const auto& one = result.results.at(0);
        EXPECT_EQ(one.value[0], store().head("s").unread);
        EXPECT_EQ(one.value[0], unread_of(entries()));
        return {one.count, one.value[0], one.value[1]};
    }
    std::vector<sdk::Entry> entries() { return read_all(store(), query_of("s")); }
    Seqs states() {
        Seqs all;
        for (const auto& entry : entries()) {
            all.push_back(entry.state);
        }
        return all;
    }
    Seqs read_times() {
        Seqs all;
        for (const auto& entry : entries()) {
            all.push_back(static_cast<std::uint64_t>(entry.read_at));
        }
        return all;
    }
};

bf_op_mark set(std::uint32_t bits, std::uint64_t up_to = 0, std::int64_t time = 77) {
    bf_op_mark op{};
    op.set = bits;
    op.up_to = up_to;
    op.time = time;
    return op;
}

bf_op_mark clear(std::uint32_t bits, std::uint64_t up_to = 0) {
    bf_op_mark op{};
    op.clear = bits;
    op.up_to = up_to;
    op.time = 99;
    return op;
}

TEST_F(Marks, ChangeTheEntriesNamed) {
    EXPECT_EQ(mark(set(kMarkRead), {2, 5}), (Seqs{2, 4, 0}));
    EXPECT_EQ(states(), (Seqs{0, kMarkRead, 0, 0, kMarkRead, 0}));
    EXPECT_EQ(read_times(), (Seqs{0, 77, 0, 0, 77, 0}));
}

TEST_F(Marks, CountEachEntryOnceAndOnlyWhatChanges) {
    EXPECT_EQ(mark(set(kMarkRead), {2, 2, 0, 99, UINT64_MAX}), (Seqs{1, 5, 0}));
    EXPECT_EQ(mark(set(kMarkRead), {2, 3}), (Seqs{1, 4, 0}));
    EXPECT_EQ(mark(set(kMarkRead, 3), {3, 2}), (Seqs{1, 3, 0}));
    EXPECT_EQ(mark(set(kMarkRead), {}), (Seqs{0, 3, 0}));
    EXPECT_EQ(mark(set(0, 6), {1}), (Seqs{0, 3, 0}));
}

TEST_F(Marks, ReachUpToASeq) {
    EXPECT_EQ(mark(set(kMarkRead, 4)), (Seqs{4, 2, 0}));
    EXPECT_EQ(states(), (Seqs{kMarkRead, kMarkRead, kMarkRead, kMarkRead, 0, 0}));
    EXPECT_EQ(mark(set(kMarkRead, UINT64_MAX)), (Seqs{2, 0, 0}));
    EXPECT_EQ(store().append("s", "more"), 7U);
    EXPECT_EQ(store().head("s").unread, 1U);
    EXPECT_EQ(mark(set(kMarkRead, 7)), (Seqs{1, 0, 0}));
}

TEST_F(Marks, KeepTheFirstTimeOfReading) {
    mark(set(kMarkRead, 0, 10), {2});
    mark(set(kMarkRead | kSeen, 3, 20));
    EXPECT_EQ(read_times(), (Seqs{20, 10, 20, 0, 0, 0}));
    mark(set(kArchived, 4, 30));
    EXPECT_EQ(read_times(), (Seqs{20, 10, 20, 0, 0, 0}));
}

TEST_F(Marks, AreTakenBack) {
    mark(set(kMarkRead, 6, 10));
    EXPECT_EQ(mark(clear(kMarkRead), {3, 4}), (Seqs{2, 2, 0}));
    EXPECT_EQ(read_times(), (Seqs{10, 10, 0, 0, 10, 10}));
    EXPECT_EQ(mark(set(kMarkRead, 0, 20), {4}), (Seqs{1, 1, 0}));
    EXPECT_EQ(read_times(), (Seqs{10, 10, 0, 20, 10, 10}));
    EXPECT_EQ(mark(clear(kMarkRead, 5)), (Seqs{4, 5, 0}));
    EXPECT_EQ(mark(set(kMarkRead, 6, 30)), (Seqs{5, 0, 0}));
    EXPECT_EQ(read_times(), (Seqs{30, 30, 30, 30, 30, 10}));
}

TEST_F(Marks, OfOtherBitsAreNotAboutReading) {
    EXPECT_EQ(mark(set(kArchived), {1}), (Seqs{1, 6, 0}));
    EXPECT_EQ(mark(set(kSeen, 3)), (Seqs{3, 6, 0}));
    EXPECT_EQ(states(), (Seqs{kArchived | kSeen, kSeen, kSeen, 0, 0, 0}));
    EXPECT_EQ(mark(clear(kSeen, 2)), (Seqs{2, 6, 0}));
    EXPECT_EQ(read_times(), (Seqs{0, 0, 0, 0, 0, 0}));
}

TEST_F(Marks, OfSeveralBitsReachWhatOnlyOneHas) {
    mark(set(kMarkRead, 4));
    EXPECT_EQ(mark(set(kMarkRead | kSeen, 4)), (Seqs{4, 2, 0}));
    auto both = set(kArchived, 2);
    both.clear = kSeen;
    EXPECT_EQ(mark(both), (Seqs{2, 2, 0}));
    EXPECT_EQ(mark(set(kSeen, 4)), (Seqs{2, 2, 0}));
    EXPECT_EQ(mark(clear(kMarkRead), {1}), (Seqs{1, 3, 0}));
    EXPECT_EQ(mark(set(kMarkRead | kArchived, 4)), (Seqs{3, 2, 0}));
    EXPECT_EQ(states(), (Seqs{kMarkRead | kArchived | kSeen, kMarkRead | kArchived | kSeen,
                              kMarkRead | kArchived | kSeen, kMarkRead | kArchived | kSeen, 0, 0}));
}

TEST_F(Marks, LeaveTheBitsOfTheStorageAlone) {
    store().commit(Group().append(note("n2"), {"s"}, {}, BF_ENTRY_REVISION));
    store().commit(Group().append(note("n3"), {"s"}, {}, BF_ENTRY_RETRACTION));
    const auto before = states();
    EXPECT_EQ(mark(set(BF_STATE_REVISED | BF_STATE_RETRACTED, 8), {1})[0], 0U);
    EXPECT_EQ(mark(clear(BF_STATE_REVISED | BF_STATE_RETRACTED, 8), {2, 3})[0], 0U);
    EXPECT_EQ(states(), before);
    mark(set(kMarkRead | BF_STATE_RETRACTED), {1});
    mark(clear(kMarkRead | BF_STATE_REVISED), {1, 2});
    EXPECT_EQ(states(), before);
}

TEST_F(Marks, StopAtTheirLimitAndSaySo) {
    auto op = set(kMarkRead, 6);
    op.limit = 2;
    mark(set(kMarkRead), {2});
    EXPECT_EQ(mark(op), (Seqs{2, 3, 1}));
    EXPECT_EQ(states(), (Seqs{kMarkRead, kMarkRead, kMarkRead, 0, 0, 0}));  // oldest first
    op.limit = 3;
    EXPECT_EQ(mark(op), (Seqs{3, 0, 0}));  // exactly what there is
    EXPECT_EQ(mark(op), (Seqs{0, 0, 0}));
    op = clear(kMarkRead, 5);
    op.limit = 4;
    EXPECT_EQ(mark(op, {6}), (Seqs{5, 5, 1}));  // those named are not counted
    EXPECT_EQ(mark(op), (Seqs{1, 6, 0}));
}

TEST_F(Marks, OfALongStreamGoOnUntilDone) {
    constexpr std::uint64_t kEntries = 5'000;
    fill(store(), "long", kEntries);
    auto op = set(kMarkRead, kEntries);
    op.limit = 1'000;
    std::uint64_t changed = 0;
    for (std::uint64_t more = 1, calls = 0; more != 0; ++calls) {
        ASSERT_LE(calls, kEntries / op.limit);
        const auto one = store().commit(Group().mark("long", op)).results.at(0);
        EXPECT_LE(one.count, op.limit);
        changed += one.count;
        more = one.value[1];
        EXPECT_EQ(one.value[0], kEntries - changed);
    }
    EXPECT_EQ(changed, kEntries);
    EXPECT_EQ(store().head("long").unread, 0U);
}

TEST_F(Marks, OfAnotherEpochChangeNothing) {
    const auto epoch = store().head("s").epoch;
    auto op = set(kMarkRead, 6);
    op.epoch = epoch + 1;
    EXPECT_EQ(mark(op, {1}), (Seqs{0, 6, 0}));
    op.epoch = epoch;
    EXPECT_EQ(mark(op, {1}), (Seqs{6, 0, 0}));
    store().commit(Group().reset("s"));
    fill(store(), "s", 3);
    op.up_to = 3;
    EXPECT_EQ(mark(op, {1}), (Seqs{0, 3, 0}));
    op.epoch = store().head("s").epoch;
    EXPECT_EQ(mark(op), (Seqs{3, 0, 0}));
}

TEST_F(Marks, SeeWhatTheirOwnGroupWrote) {
    const auto result = store().commit(Group()
                                           .append(note("a"), {"s", "new"})
                                           .mark("new", set(kMarkRead, 9))
                                           .mark("s", set(kMarkRead), {7})
                                           .append(note("b"), {"new"}));
    ASSERT_EQ(result.status, Status::ok);
    EXPECT_EQ(result.results[1].count, 1U);
    EXPECT_EQ(result.results[2].count, 1U);
    EXPECT_EQ(result.results[2].value[0], 6U);
    EXPECT_EQ(store().head("new").unread, 1U);
}

TEST_F(Marks, ReachRevisionsAndCountThemNot) {
    store().commit(Group().append(note("n1"), {"s"}, {}, BF_ENTRY_REVISION));
    EXPECT_EQ(store().head("s").unread, 6U);
    EXPECT_EQ(mark(set(kMarkRead), {7}), (Seqs{1, 6, 0}));
    EXPECT_EQ(mark(set(kMarkRead, 7)), (Seqs{6, 0, 0}));
    EXPECT_EQ(mark(clear(kMarkRead), {7}), (Seqs{1, 0, 0}));
}

}  // namespace
}  // namespace belfry::conformance
