// Groups are all or nothing, in order, and leave their neighbours alone.
#include "sdk/testkit/conformance/kit.hpp"

#include <functional>
#include <map>

namespace belfry::conformance {
namespace {

using Step = std::function<void(Group&)>;

/// What fails, and how.
const std::map<std::string, std::pair<Step, Status>>& failures() {
    static const std::map<std::string, std::pair<Step, Status>> all{
        {"AConflictOfVersions",
         {[](Group& group) { group.put("c", "taken", 7, "x"); }, Status::conflict}},
        {"ATakenKey",
         {[](Group& group) { group.put("c", "other", 0, "x", {{"mail", "a@b", true}}); },
          Status::conflict}},
        {"AMissingDocument",
         {[](Group& group) { group.remove("c", "missing", BF_VERSION_ANY); }, Status::not_found}},
        {"AnOldLease",
         {[](Group& group) {
              sdk::Job job;
              job.queue = "q";
              job.id = "leased";
              job.lease = UINT64_MAX / 3;
              group.settle(job, BF_SETTLE_DONE);
          },
          Status::conflict}},
        {"AnEventWithOtherContent",
         {[](Group& group) { group.append(note_of("n9", "shop", "e1"), {"s"}, "other"); },
          Status::conflict}},
        {"ANameWithNul",
         {[](Group& group) { group.append(note("n9"), {std::string("a\0b", 3)}); },
          Status::invalid}},
        {"AnUnknownOperation", {[](Group& group) { group.unknown(); }, Status::refused}},
    };
    return all;
}

/// Ones that succeed, and change everything there is.
const std::vector<Step>& successes() {
    static const std::vector<Step> all{
        [](Group& group) { group.append(note("n2"), {"s", "fresh"}); },
        [](Group& group) { group.mark("s", BF_STATE_READ, 0, {}, 9); },
        [](Group& group) { group.append(note("n1"), {"s"}, {}, BF_ENTRY_RETRACTION); },
        [](Group& group) { group.cursor("s", "phone", 5, 5).cursor("s", "new", 1, 1); },
        [](Group& group) { group.put("c", "taken", 1, "changed", {{"mail", "c@d", true}}); },
        [](Group& group) { group.put("c", "second", 0, "x", {{"mail", "e@f", true}}); },
        [](Group& group) { group.owe("q", "second", 1); },
        [](Group& group) {
            group.trim(
                {.op = {}, .stream = {}, .older_than = 0, .keep = 1, .expired_at = 0, .limit = 9},
                "s");
        },
        [](Group& group) { group.reset("other"); },
    };
    return all;
}

class Groups : public Case {
protected:
    void prepare() {
        const auto result =
            store().commit(Group()
                               .append(note("n1"), {"s", "other"})
                               .append(note_of("n0", "shop", "e1"), {"s", "kept"}, "hash")
                               .cursor("s", "phone", 1, 1)
                               .put("c", "taken", 0, "1", {{"mail", "a@b", true}})
                               .owe("q", "leased", 1));
        ASSERT_EQ(result.status, Status::ok) << result.message;
        epoch = store().head("other").epoch;
    }
    void expect_unchanged() {
        const auto page = store().read("s");
        EXPECT_EQ(page.head.head, 2U);
        EXPECT_EQ(page.head.earliest, 1U);
        EXPECT_EQ(page.head.unread, 2U);
        ASSERT_EQ(page.entries.size(), 2U);
        EXPECT_EQ(page.entries[0].state | page.entries[1].state, 0U);
        EXPECT_FALSE(store().head("fresh").exists);
        EXPECT_EQ(store().head("other").epoch, epoch);
        EXPECT_EQ(store().head("other").head, 1U);
        const auto cursors = store().cursors("s").cursors;
        ASSERT_EQ(cursors.size(), 1U);
        EXPECT_EQ(cursors[0].delivered, 1U);
        EXPECT_EQ(store().get("c", "taken").value.document, "1");
        EXPECT_EQ(store().get("c", "second").status, Status::not_found);
        EXPECT_EQ(store().get("c", "other").status, Status::not_found);
        EXPECT_EQ(store().jobs("q", BF_JOB_PENDING).jobs.size(), 1U);
    }

    std::uint64_t epoch = 0;
};

class FailedGroups : public Groups, public testing::WithParamInterface<std::string> {};

TEST_P(FailedGroups, ChangeNothingWhereverTheyFail) {
    prepare();
    const auto& [fail, status] = failures().at(GetParam());
    for (std::size_t position = 0; position <= successes().size(); ++position) {
        Group group;
        for (std::size_t i = 0; i < successes().size(); ++i) {
            if (i == position) {
                fail(group);
            }
            if (i != 4 || GetParam() != "ATakenKey") {  // it would free the key
                successes()[i](group);
            }
        }
        if (position == successes().size()) {
            fail(group);
        }
        const auto result = store().commit(group);
        EXPECT_EQ(result.status, status) << result.message;
        EXPECT_FALSE(result.message.empty());
        expect_unchanged();
        ASSERT_FALSE(HasFailure()) << "failed at position " << position;
    }
    restart();
    expect_unchanged();
}

std::vector<std::string> names_of_failures() {
    std::vector<std::string> names;
    for (const auto& [name, failure] : failures()) {
        names.push_back(name);
    }
    return names;
}

INSTANTIATE_TEST_SUITE_P(By, FailedGroups, testing::ValuesIn(names_of_failures()),
                         [](const auto& name) { return name.param; });

TEST_F(Groups, LeaveTheirNeighboursAlone) {
    prepare();
    std::vector<Group> groups(7);
    std::vector<const Group*> given;
    int number = 0;
    for (const auto& [name, failure] : failures()) {
        auto& group = groups.at(static_cast<std::size_t>(number));
        group.append(note("n" + std::to_string(number)), {"s", "t"});
        if (number++ % 2 == 0) {
            failure.first(group);
        }
        given.push_back(&group);
    }
    const auto results = store().commit_all(given);
    Seqs seqs;
    for (std::size_t i = 0; i < results.size(); ++i) {
        EXPECT_EQ(results[i].status == Status::ok, i % 2 == 1) << i << ": " << results[i].message;
        if (i % 2 == 1) {
            seqs.push_back(results[i].results.at(0).seqs.at(0));
            EXPECT_EQ(results[i].results.at(0).id, "n" + std::to_string(i));
        }
    }
    EXPECT_EQ(seqs, (Seqs{3, 4, 5}));
    EXPECT_EQ(store().head("t").head, 3U);
    EXPECT_EQ(store().head("s").unread, 5U);
}

TEST_F(Groups, TakeEffectInTheOrderGiven) {
    Group first;
    first.put("c", "d", BF_VERSION_NONE, "1").put("c", "d", 1, "2");
    Group second;
    second.put("c", "d", 2, "3").remove("c", "d", 3).put("c", "d", BF_VERSION_NONE, "1");
    Group third;
    third.put("c", "d", BF_VERSION_NONE, "no");
    Group fourth;
    fourth.put("c", "d", 1, "last").append(note("a"), {"s"}).append(note("b"), {"s"});
    const auto results = store().commit_all({&first, &second, &third, &fourth});
    EXPECT_EQ(results[0].results.at(1).value[0], 2U);
    EXPECT_EQ(results[1].results.at(2).value[0], 1U);
    EXPECT_EQ(results[2].status, Status::conflict);
    EXPECT_EQ(results[3].results.at(0).value[0], 2U);
    EXPECT_EQ(results[3].results.at(1).seqs, (Seqs{1}));
    EXPECT_EQ(results[3].results.at(2).seqs, (Seqs{2}));
    EXPECT_EQ(store().get("c", "d").value.document, "last");
}

TEST_F(Groups, OfCallsTakeEffectInTheOrderOfTheCalls) {
    std::vector<Call<sdk::Committed>> pending;
    for (std::uint64_t version = 0; version < 300; ++version) {
        Group group;
        group.put("c", "d", version, std::to_string(version)).append(note("n"), {"s"});
        pending.push_back(store().begin_commit({&group}));
    }
    for (std::uint64_t number = 1; number <= pending.size(); ++number) {
        const auto outcome = pending[number - 1].wait();
        ASSERT_TRUE(outcome.ok()) << outcome.message;
        const auto& group = outcome.value.groups.at(0);
        ASSERT_EQ(group.status, Status::ok) << group.message;
        EXPECT_EQ(group.results.at(0).value[0], number);
        EXPECT_EQ(group.results.at(1).seqs, (Seqs{number}));
    }
}

TEST_F(Groups, MayBeEmpty) {
    EXPECT_TRUE(store().commit_all({}).empty());
    const Group nothing;
    Group something;
    something.append(note("n"), {"s"});
    const auto results = store().commit_all({&nothing, &something, &nothing});
    EXPECT_EQ(results[0].status, Status::ok);
    EXPECT_TRUE(results[0].results.empty());
    EXPECT_EQ(results[1].results.at(0).seqs, (Seqs{1}));
    EXPECT_EQ(results[2].status, Status::ok);
}

TEST_F(Groups, MayBeMany) {
    std::vector<Group> groups(4'096);
    std::vector<const Group*> given;
    for (auto& group : groups) {
        group.append(note("n" + std::to_string(given.size())), {"s"});
        given.push_back(&group);
    }
    const auto results = store().commit_all(given);
    for (std::size_t i = 0; i < results.size(); ++i) {
        ASSERT_EQ(results[i].results.at(0).seqs, (Seqs{i + 1}));
    }
    EXPECT_EQ(store().head("s").unread, groups.size());
}

}  // namespace
}  // namespace belfry::conformance
