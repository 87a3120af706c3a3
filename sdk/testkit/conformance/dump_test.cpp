// Everything out of one storage and into another.
#include "sdk/testkit/conformance/compare.hpp"
#include "sdk/testkit/conformance/kit.hpp"
#include "sdk/testkit/conformance/random_groups.hpp"
#include "sdk/testkit/conformance/records.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace belfry::conformance {
namespace {

class Dumps : public Case {
protected:
    void TearDown() override {
        target_.reset();
        Case::TearDown();
    }
    /// Random operations, then some that make sure that nothing is missing.
    void make_rich_state(int groups);
    Store& target() {
        if (!target_) {
            target_ = std::make_unique<Store>(Kit::get().plugin(), target_config_, "target");
        }
        return *target_;
    }
    void restart_target() {
        target().instance.stop();
        target_.reset();
    }
    /// Loads in steps of `sizes`, in turns.
    void load(const std::vector<sdk::Record>& records, const std::vector<std::size_t>& sizes);

    std::vector<sdk::Job> claimed;

private:
    std::string target_config_ = Kit::get().new_config();
    std::unique_ptr<Store> target_;
};

void Dumps::make_rich_state(int groups) {
    Model model([] { return 0; });
    RandomGroups random_groups(random());
    for (int i = 0; i < groups; ++i) {
        const auto group = random_groups.make(model);
        (void)model.apply(group.wire());
        store().commit(group);
    }
    std::string all_bytes;
    for (int i = 0; i < 256; ++i) {
        all_bytes += static_cast<char>(i);
    }
    auto sent = note_of("kept", "source", "kept event");
    sent.data = all_bytes;
    sent.priority = -3;
    sent.trace = "trace";
    sent.collapse_key = "collapse";
    sent.expires_at = INT64_MAX;
    auto gone = note_of("gone", "source", "gone event");
    gone.created_at = host().now();
    const auto result = store().commit(
        Group()
            .append(sent, {"user:a", "topic:x"}, all_bytes)
            .append(gone, {"trimmed"}, "hash of gone")
            .append(note("last"), {"trimmed"})
            .append(note("last"), {"trimmed"}, {}, BF_ENTRY_REVISION)
            .mark("user:a", BF_STATE_SEEN, 0, {}, 3, 77)
            .cursor("user:a", "phone", 2, 1)
            .cursor("user:a", "A", 1, 1)
            .put("c", "d", 0, all_bytes, {{"k", "2", true}, {"k", "1", false}, {"j", "", false}})
            .put("c", "D", 0, "")
            .put("c", "d", 1, all_bytes, {{"k", "2", true}, {"k", "1", false}, {"j", "", false}})
            .owe("work", "leased", 1, "lane", all_bytes)
            .owe("work", "second", 2, "lane")
            .owe("work", "dead", 3)
            .reset("empty"));
    ASSERT_EQ(result.status, Status::ok) << result.message;
    store().commit(Group().trim(
        {.op = {}, .stream = {}, .older_than = 0, .keep = 2, .expired_at = 0, .limit = 10},
        "trimmed"));
    claimed = store().claim("work", 10, 1'000, 2).jobs;
    ASSERT_EQ(claimed.size(), 2U);
    ASSERT_EQ(claimed[1].id, "dead");
    store().commit(Group().settle(claimed[1], BF_SETTLE_DEAD, 0, "it broke"));
}

void Dumps::load(const std::vector<sdk::Record>& records, const std::vector<std::size_t>& sizes) {
    std::size_t turn = 0;
    for (std::size_t at = 0; at < records.size();) {
        const auto count = std::min(sizes[turn++ % sizes.size()], records.size() - at);
        const auto outcome = target().load(std::span(records).subspan(at, count));
        ASSERT_TRUE(outcome.ok()) << "at record " << at << ": " << outcome.message;
        at += count;
        if (turn % 40 == 0) {
            restart_target();
        }
    }
}

TEST_F(Dumps, OfNothingAreEmpty) {
    const auto records = store().dump({}, 100);
    EXPECT_TRUE(records.records.empty());
    EXPECT_FALSE(records.more);
}

TEST_F(Dumps, AreInOrderAndAgreeWithThemselves) {
    make_rich_state(150);
    const auto records = dump_all(store(), 1'000);
    EXPECT_EQ(order_fault(records), "");
    EXPECT_EQ(agreement_fault(records), "");
    std::map<std::size_t, int> kinds;
    for (const auto& record : records) {
        ++kinds[record.index()];
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<sdk::Record>);
}

TEST_F(Dumps, AgreeWithWhatIsRead) {
    make_rich_state(150);
    EXPECT_EQ(reading_fault(dump_all(store(), 1'000), store()), "");
}

TEST_F(Dumps, AreTheSameInStepsOfAnySize) {
    make_rich_state(60);
    const auto whole = texts_of(dump_all(store(), 100'000));
    for (const std::uint64_t limit : {1U, 2U, 7U, 50U}) {
        EXPECT_EQ(texts_of(dump_all(store(), limit)), whole) << limit;
    }
    for (const std::uint64_t bytes : {0U, 1U, 500U}) {
        EXPECT_EQ(texts_of(dump_all(store(), 1'000, bytes)), whole) << bytes << " bytes";
    }
    restart();
    EXPECT_EQ(texts_of(dump_all(store(), 13)), whole);
}

TEST_F(Dumps, GoOnFromTheSamePlaces) {
    make_rich_state(40);
    for (std::string after;;) {
        const auto page = store().dump(after, 3);
        const auto again = store().dump(after, 3);
        EXPECT_EQ(page.next, again.next);
        EXPECT_EQ(texts_of(page.records), texts_of(again.records));
        EXPECT_TRUE(std::ranges::all_of(page.next, [](char one) { return one >= 32; }));
        if (!page.more) {
            break;
        }
        ASSERT_FALSE(page.records.empty());
        ASSERT_NE(page.next, after);
        after = page.next;
    }
}

TEST_F(Dumps, LoadedIntoAnotherStorageAreTheSame) {
    make_rich_state(200);
    const auto records = dump_all(store(), 100);
    load(records, {1, 2, 7, 3, 100, 5});
    ASSERT_FALSE(HasFailure());
    EXPECT_EQ(texts_of(dump_all(target(), 9)), texts_of(records));
    EXPECT_EQ(reading_fault(records, target()), "");
    restart_target();
    EXPECT_EQ(texts_of(dump_all(target(), 1'000)), texts_of(records));
    const auto from = store().stats();
    const auto to = target().stats();
    EXPECT_EQ(from.streams, to.streams);
    EXPECT_EQ(from.entries, to.entries);
}

TEST_F(Dumps, LoadedGoOnAsTheFirstWould) {
    make_rich_state(60);
    load(dump_all(store(), 1'000), {1'000});
    ASSERT_FALSE(HasFailure());
    for (auto* one : {&store(), &target()}) {
        // Numbers, epochs and unread.
        const auto before = one->head("user:a");
        const auto result = one->commit(Group().append(note("next"), {"user:a", "new"}));
        ASSERT_EQ(result.status, Status::ok) << result.message;
        EXPECT_EQ(result.results.at(0).seqs, (Seqs{before.head + 1, 1}));
        EXPECT_EQ(result.results.at(0).epochs.at(0), before.epoch);
        EXPECT_EQ(one->head("user:a").unread, before.unread + 1);
        EXPECT_EQ(one->append("empty", "first"), 1U);
        EXPECT_EQ(one->append("trimmed", "more"), 4U);
        // Events.
        std::string all_bytes;
        for (int i = 0; i < 256; ++i) {
            all_bytes += static_cast<char>(i);
        }
        const auto again = one->commit(
            Group().append(note_of("x", "source", "kept event"), {"topic:x"}, all_bytes));
        ASSERT_EQ(again.status, Status::ok);
        EXPECT_EQ(again.results.at(0).status, Status::duplicate);
        EXPECT_EQ(again.results.at(0).id, "kept");
        EXPECT_EQ(again.results.at(0).seqs, (Seqs{one->head("topic:x").head}));
        EXPECT_EQ(
            one->commit(Group().append(note_of("x", "source", "kept event"), {"topic:x"}, "other"))
                .status,
            Status::conflict);
        // Documents and their values.
        EXPECT_EQ(one->commit(Group().put("c", "d", 1, "")).status, Status::conflict);
        EXPECT_EQ(one->commit(Group().put("c", "e", 0, "", {{"k", "2", true}})).status,
                  Status::conflict);
        EXPECT_EQ(one->commit(Group().put("c", "d", 2, "")).status, Status::ok);
        // Retractions find what came before.
        EXPECT_EQ(
            one->commit(Group().append(note("kept"), {"topic:x"}, {}, BF_ENTRY_RETRACTION)).status,
            Status::ok);
        EXPECT_EQ(one->read("topic:x").entries.at(0).state, BF_STATE_RETRACTED);
    }
}

TEST_F(Dumps, CarryLeases) {
    make_rich_state(5);
    load(dump_all(store(), 1'000), {1'000});
    ASSERT_FALSE(HasFailure());
    for (auto* one : {&store(), &target()}) {
        EXPECT_TRUE(one->claim("work", 999, 2'000, 5).jobs.empty());
        auto wrong = claimed.at(0);
        wrong.lease += 1'000'000;
        EXPECT_EQ(one->commit(Group().settle(wrong, BF_SETTLE_DONE)).status, Status::conflict);
        EXPECT_EQ(one->commit(Group().settle(claimed.at(0), BF_SETTLE_DONE)).status, Status::ok);
        const auto next = one->claim("work", 999, 2'000, 5).jobs;
        ASSERT_EQ(next.size(), 1U);
        EXPECT_EQ(next[0].id, "second");
        EXPECT_NE(next[0].lease, claimed[0].lease);  // a lease is never given twice
        EXPECT_NE(next[0].lease, claimed[1].lease);
        const auto dead = one->jobs("work", BF_JOB_DEAD).jobs;
        ASSERT_EQ(dead.size(), 1U);
        EXPECT_EQ(one->commit(Group().settle(dead[0], BF_SETTLE_AGAIN, 5)).status, Status::ok);
    }
}

TEST_F(Dumps, ForgetAsTheFirstWould) {
    make_rich_state(20);
    load(dump_all(store(), 1'000), {1'000});
    ASSERT_FALSE(HasFailure());
    bf_op_trim all{};
    all.older_than = INT64_MAX;
    all.limit = 100;
    for (auto* one : {&store(), &target()}) {
        for (std::uint64_t more = 1; more != 0;) {
            const auto result = one->commit(Group().trim(all));
            ASSERT_EQ(result.status, Status::ok) << result.message;
            more = result.results.at(0).value[1];
        }
        EXPECT_EQ(one->stats().entries, 0U);
    }
    const auto left = dump_all(target(), 100);
    EXPECT_EQ(agreement_fault(left), "");
    EXPECT_EQ(reading_fault(left, target()), "");
}

TEST_F(Dumps, LoadADocumentAgainInPlaceOfTheFirst) {
    sdk::DocumentRecord record{"c", {"d", 7, "first", "d"}, {{"k", "1", true}}};
    ASSERT_TRUE(target().load(std::vector<sdk::Record>{record}).ok());
    record.document.document = "second";
    record.document.version = 9;
    record.keys = {{"k", "2", true}};
    ASSERT_TRUE(target().load(std::vector<sdk::Record>{record}).ok());
    const auto found = target().get("c", "d").value;
    EXPECT_EQ(found.document, "second");
    EXPECT_EQ(found.version, 9U);
    EXPECT_EQ(target().commit(Group().put("c", "e", 0, "", {{"k", "1", true}})).status, Status::ok);
    EXPECT_EQ(target().commit(Group().put("c", "f", 0, "", {{"k", "2", true}})).status,
              Status::conflict);
    EXPECT_EQ(target().commit(Group().put("c", "d", 9, "")).status, Status::ok);
    EXPECT_TRUE(target().load({}).ok());
}

}  // namespace
}  // namespace belfry::conformance
