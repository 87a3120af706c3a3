// One event, one effect: for as long as what it became is there, at least.
#include "sdk/testkit/conformance/kit.hpp"

namespace belfry::conformance {
namespace {

constexpr bf_op_trim kAll{
    .op = {}, .stream = {}, .older_than = INT64_MAX, .keep = 0, .expired_at = 0, .limit = 1'000};

class Events : public Case {
protected:
    sdk::GroupResult publish(const std::string& id, const std::string& event,
                             const std::string& hash, std::vector<std::string> streams,
                             std::uint32_t flags = 0) {
        return store().commit(Group().append(note_of(id, "shop", event), std::move(streams), hash,
                                             BF_ENTRY_NOTIFICATION, flags));
    }
    static void expect_duplicate(const sdk::GroupResult& result, const std::string& id,
                                 const Seqs& seqs) {
        ASSERT_EQ(result.status, Status::ok) << result.message;
        EXPECT_EQ(result.results.at(0).status, Status::duplicate);
        EXPECT_EQ(result.results.at(0).id, id);
        EXPECT_EQ(result.results.at(0).seqs, seqs);
    }
};

TEST_F(Events, StoredBeforeAreDuplicatesOfTheFirst) {
    const auto first = publish("n1", "e1", "hash", {"a", "b"});
    ASSERT_EQ(first.status, Status::ok);
    store().append("a", "between");
    const auto again = publish("n2", "e1", "hash", {"a", "b"});
    expect_duplicate(again, "n1", {1, 1});
    EXPECT_EQ(again.results[0].epochs, first.results[0].epochs);
    const auto turned = publish("n3", "e1", "hash", {"b", "a"});
    expect_duplicate(turned, "n1", {1, 1});
    EXPECT_EQ(turned.results[0].epochs,
              (Seqs{first.results[0].epochs[1], first.results[0].epochs[0]}));
    EXPECT_EQ(store().head("a").head, 2U);
    EXPECT_EQ(store().head("b").head, 1U);
}

TEST_F(Events, WithOtherContentAreConflicts) {
    publish("n1", "e1", "hash", {"a"});
    EXPECT_EQ(publish("n2", "e1", "other", {"a"}).status, Status::conflict);
    EXPECT_EQ(publish("n3", "e1", "", {"a"}).status, Status::conflict);
    EXPECT_EQ(publish("n4", "e1", "hash2", {"a"}).status, Status::conflict);
    EXPECT_EQ(store().head("a").head, 1U);
    // All bytes count.
    publish("n5", "e2", std::string("\0\xff", 2), {"a"});
    EXPECT_EQ(publish("n6", "e2", std::string("\0\xfe", 2), {"a"}).status, Status::conflict);
    EXPECT_EQ(publish("n7", "e2", std::string("\0", 1), {"a"}).status, Status::conflict);
    expect_duplicate(publish("n8", "e2", std::string("\0\xff", 2), {"a"}), "n5", {2});
}

TEST_F(Events, AreKnownByBothHalvesOfThePair) {
    publish("n1", "e1", "hash", {"a"});
    EXPECT_EQ(store().commit(Group().append(note_of("n2", "bank", "e1"), {"a"}, "else")).status,
              Status::ok);
    EXPECT_EQ(publish("n3", "E1", "else", {"a"}).status, Status::ok);
    EXPECT_EQ(publish("n4", "e1 ", "else", {"a"}).status, Status::ok);
    EXPECT_EQ(store().commit(Group().append(note_of("n5", "", "shope1"), {"a"}, "x")).status,
              Status::ok);
    EXPECT_EQ(store().head("a").head, 5U);
}

TEST_F(Events, WithoutAPairAreNotCompared) {
    for (std::uint64_t seq = 1; seq <= 3; ++seq) {
        const auto result = store().commit(Group().append(note("n"), {"a"}, "hash"));
        EXPECT_EQ(result.results.at(0).status, Status::ok);
        EXPECT_EQ(result.results.at(0).seqs, (Seqs{seq}));
    }
}

TEST_F(Events, AreKnownInsideOneGroup) {
    const auto result = store().commit(Group()
                                           .append(note_of("n1", "shop", "e1"), {"a", "b"}, "hash")
                                           .append(note_of("n2", "shop", "e1"), {"b"}, "hash")
                                           .append(note("n3"), {"b"}));
    ASSERT_EQ(result.status, Status::ok);
    EXPECT_EQ(result.results[1].status, Status::duplicate);
    EXPECT_EQ(result.results[1].id, "n1");
    EXPECT_EQ(result.results[1].seqs, (Seqs{1}));
    EXPECT_EQ(result.results[2].seqs, (Seqs{2}));
    EXPECT_EQ(store()
                  .commit(Group()
                              .append(note_of("n4", "shop", "e2"), {"a"}, "hash")
                              .append(note_of("n5", "shop", "e2"), {"a"}, "other"))
                  .status,
              Status::conflict);
    EXPECT_EQ(publish("n6", "e2", "third", {"a"}).status, Status::ok);  // none of it was stored
}

TEST_F(Events, AreKnownInsideOneCommit) {
    std::vector<Group> groups(4);
    groups[0].append(note_of("n1", "shop", "e1"), {"a"}, "hash");
    groups[1].append(note_of("n2", "shop", "e1"), {"a"}, "hash");
    groups[2].append(note_of("n3", "shop", "e1"), {"a"}, "other");
    groups[3].append(note_of("n4", "shop", "e2"), {"a"}, "hash");
    const auto results = store().commit_all({&groups[0], &groups[1], &groups[2], &groups[3]});
    EXPECT_EQ(results[0].results.at(0).status, Status::ok);
    expect_duplicate(results[1], "n1", {1});
    EXPECT_EQ(results[2].status, Status::conflict);
    EXPECT_EQ(results[3].results.at(0).seqs, (Seqs{2}));
}

TEST_F(Events, FailNothingElseOfTheirGroup) {
    publish("n1", "e1", "hash", {"a"});
    const auto result = store().commit(Group()
                                           .put("c", "d", 0, "document")
                                           .append(note_of("n2", "shop", "e1"), {"a"}, "hash")
                                           .append(note("n3"), {"a"}));
    ASSERT_EQ(result.status, Status::ok);
    EXPECT_EQ(result.results[1].status, Status::duplicate);
    EXPECT_EQ(result.results[2].seqs, (Seqs{2}));
    EXPECT_EQ(store().get("c", "d").value.document, "document");
}

TEST_F(Events, AreKnownAfterARestart) {
    for (int i = 1; i <= 80; ++i) {
        const auto id = std::to_string(i);
        publish("n" + id, id, "hash" + id, {"all", "s" + id});
    }
    restart();
    for (int i = 1; i <= 80; i += 7) {
        const auto id = std::to_string(i);
        expect_duplicate(publish("x", id, "hash" + id, {"all", "s" + id, "no"}), "n" + id,
                         {static_cast<std::uint64_t>(i), 1, 0});
    }
    EXPECT_EQ(publish("x", "7", "other", {"all"}).status, Status::conflict);
    EXPECT_FALSE(store().head("no").exists);
}

TEST_F(Events, AreKnownAsLongAsAnEntryIsThere) {
    publish("n1", "e1", "hash", {"a", "b"});
    store().commit(Group().trim(kAll, "a"));
    expect_duplicate(publish("n2", "e1", "hash", {"a", "b"}), "n1", {0, 1});
    EXPECT_EQ(publish("n3", "e1", "other", {"a"}).status, Status::conflict);
    restart();
    expect_duplicate(publish("n4", "e1", "hash", {"b"}), "n1", {1});
    EXPECT_EQ(store().head("a").head, 1U);
}

TEST_F(Events, ThatAreForgottenAreNewAgain) {
    publish("n1", "e1", "hash", {"a"});
    store().commit(Group().trim(kAll, "a"));
    const auto again = publish("n2", "e1", "hash", {"a"});
    ASSERT_EQ(again.status, Status::ok) << again.message;
    if (again.results.at(0).status == Status::duplicate) {  // still remembered
        EXPECT_EQ(again.results[0].id, "n1");
        EXPECT_EQ(again.results[0].seqs, (Seqs{0}));
        EXPECT_EQ(store().head("a").head, 1U);
    } else {
        EXPECT_EQ(again.results[0].seqs, (Seqs{2}));
        expect_duplicate(publish("n3", "e1", "hash", {"a"}), "n2", {2});
    }
}

TEST_F(Events, RepeatedAreFoundWithoutAPair) {
    const auto repeat = [&](const sdk::Notification& sent, std::uint32_t kind) {
        return store().commit(Group().append(sent, {"a", "b"}, {}, kind, BF_APPEND_REPEATED));
    };
    auto sent = note("n1");
    EXPECT_EQ(repeat(sent, BF_ENTRY_NOTIFICATION).results.at(0).status, Status::ok);
    expect_duplicate(repeat(sent, BF_ENTRY_NOTIFICATION), "n1", {1, 1});
    // Another revision, another kind, another id: not this one.
    sent.revision = 2;
    EXPECT_EQ(repeat(sent, BF_ENTRY_NOTIFICATION).results.at(0).seqs, (Seqs{2, 2}));
    EXPECT_EQ(repeat(sent, BF_ENTRY_REVISION).results.at(0).seqs, (Seqs{3, 3}));
    EXPECT_EQ(repeat(note("n2"), BF_ENTRY_NOTIFICATION).results.at(0).seqs, (Seqs{4, 4}));
    restart();
    expect_duplicate(repeat(sent, BF_ENTRY_REVISION), "n1", {3, 3});
    expect_duplicate(repeat(note("n1"), BF_ENTRY_NOTIFICATION), "n1", {1, 1});
    EXPECT_EQ(store().head("a").head, 4U);
}

TEST_F(Events, RepeatedAreFoundWithAPair) {
    EXPECT_EQ(publish("n1", "e1", "hash", {"a"}, BF_APPEND_REPEATED).results.at(0).status,
              Status::ok);
    expect_duplicate(publish("n1", "e1", "hash", {"a"}, BF_APPEND_REPEATED), "n1", {1});
    EXPECT_EQ(publish("n2", "e1", "other", {"a"}, BF_APPEND_REPEATED).status, Status::conflict);
    expect_duplicate(publish("n3", "e1", "hash", {"a"}, BF_APPEND_REPEATED), "n1", {1});
    EXPECT_EQ(store().head("a").head, 1U);
}

}  // namespace
}  // namespace belfry::conformance
