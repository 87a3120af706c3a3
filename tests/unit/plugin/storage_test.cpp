#include "daemon/plugin/storage.hpp"

#include "tests/unit/plugin/support.hpp"

namespace belfry::plugin::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class StoragePlugin : public HostTest {
protected:
    void SetUp() override { run("rogue-storage", Kind::storage); }
    Storage& storage() { return *host_->storage(); }

    Result<Committed> commit(const std::vector<Group>& groups) {
        Waiter<Committed> waiter;
        storage().commit(groups, home_, waiter.callback());
        return waiter.get();
    }
    /// An append of one notification, by whose id the plugin spoils its answer.
    static Group append(const std::string& id) {
        auto notification = std::make_shared<Notification>();
        notification->id = id;
        notification->data = "{}";
        return {Append{EntryKind::notification, notification, "hash", {"user:1", "user:2"}}};
    }
    Result<Page> read(const std::string& stream) {
        Waiter<Page> waiter;
        ReadQuery query;
        query.stream = stream;
        storage().read(query, home_, waiter.callback());
        return waiter.get();
    }
    Result<std::vector<Head>> heads(const std::vector<std::string>& streams) {
        Waiter<std::vector<Head>> waiter;
        storage().heads(streams, home_, waiter.callback());
        return waiter.get();
    }
};

TEST_F(StoragePlugin, GetsEveryOperationAsItWasMeant) {
    std::vector<Group> groups{append("n1")};
    groups.push_back({Mark{"s", BF_STATE_READ, BF_STATE_SEEN, {3, 4, 5}, 2, 77},
                      MoveCursor{"s", "phone", 8, 9}});
    groups.push_back({Put{"users", "ann", 3, R"({"a":1})", {{"mail", "a@b", true}}},
                      Delete{"users", "bob"}, Owe{"q", "j", "l", 5, "pay"}});
    groups.push_back(
        {Settle{Settle::Outcome::dead, "q", "j", 6, 7, "why"}, Trim{"s", 1, 2, 3, 4}, Reset{"s"}});
    const auto committed = commit(groups);
    ASSERT_TRUE(committed) << committed.error().message;
    std::vector<std::string> seen;
    for (const GroupResult& group : *committed) {
        ASSERT_TRUE(group);
        for (const OpResult& result : *group) {
            seen.push_back(result.id);
        }
    }
    EXPECT_THAT(seen, ElementsAre("append 0 n1 {} hash 2", "mark 1 4 s 3..5 2 77",
                                  "cursor s phone 8 9", R"(put users ann 3 {"a":1} mail=a@b/1)",
                                  "delete users bob ffffffffffffffff", "owe q j l 5 pay",
                                  "settle 2 q j 6 7 why", "trim s 1 2 3 4", "reset s"));
    const OpResult& appended = committed->at(0)->at(0);
    EXPECT_THAT(appended.epochs, ElementsAre(7, 7));
    EXPECT_THAT(appended.seqs, ElementsAre(41, 42));
    EXPECT_FALSE(appended.duplicate);
    const OpResult& marked = committed->at(1)->at(0);
    EXPECT_EQ(marked.count, 5U);
    EXPECT_THAT(marked.value, ElementsAre(8, 9));
    EXPECT_TRUE(marked.seqs.empty());
}

TEST_F(StoragePlugin, CommitsManyGroupsAtOnce) {
    std::vector<Group> groups;
    for (int index = 0; index < 16; ++index) {
        groups.push_back(append("n"));
    }
    EXPECT_EQ(commit(groups).value().size(), 16U);
    EXPECT_EQ(commit({}).value().size(), 0U);
}

TEST_F(StoragePlugin, TellsDuplicatesAndFailedGroups) {
    const auto duplicate = commit({append("duplicate")});
    ASSERT_TRUE(duplicate) << duplicate.error().message;
    EXPECT_TRUE(duplicate->at(0)->at(0).duplicate);
    EXPECT_EQ(duplicate->at(0)->at(0).id, "the first");
    EXPECT_THAT(duplicate->at(0)->at(0).seqs, ElementsAre(41));

    const auto failed = commit({append("failed-group"), append("n")});
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->at(0).error().code, Code::conflict);
    EXPECT_EQ(failed->at(0).error().message, "other content");
    EXPECT_TRUE(failed->at(1));
}

TEST_F(StoragePlugin, PassesOnWhyACommitFails) {
    const auto failed = commit({append("unavailable")});
    EXPECT_EQ(failed.error().code, Code::unavailable);
    EXPECT_EQ(failed.error().message, "the disk is full");
    EXPECT_EQ(failed.error().retry_after, 250);
}

TEST_F(StoragePlugin, RefusesNonsenseAboutACommit) {
    for (const char* how : {"fewer-groups", "null-groups", "fewer-results", "null-results",
                            "fewer-places", "null-places", "failed-op", "no-value"}) {
        const auto committed = commit({append(how), append("n")});
        ASSERT_FALSE(committed) << how;
        EXPECT_EQ(committed.error().code, Code::retry) << how;
        EXPECT_THAT(
            committed.error().message,
            HasSubstr("instance one of plugin rogue-storage answered commit with nonsense: "))
            << how;
    }
    EXPECT_THAT(status().violations, Contains("commit: no value"));
}

TEST_F(StoragePlugin, ReadsAPage) {
    const auto page = read("user:1");
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_TRUE(page->more);
    EXPECT_TRUE(page->head.exists);
    EXPECT_EQ(page->head.epoch, 7U);
    EXPECT_EQ(page->head.earliest, 2U);
    EXPECT_EQ(page->head.head, 9U);
    EXPECT_EQ(page->head.unread, 5U);
    EXPECT_EQ(page->head.stream, "user:1");
    ASSERT_EQ(page->entries.size(), 1U);
    const Notification& read = *page->entries[0].notification;
    EXPECT_EQ(read.id + read.type + read.title + read.body + read.data + read.data_type +
                  read.collapse_key + read.source + read.event_id + read.trace,
              "n1greetingHelloWorld{\"a\":1}application/jsonkeysourceeventtrace");
    EXPECT_EQ(read.priority, 3);
    EXPECT_EQ(read.created_at, 1000);
    EXPECT_EQ(read.expires_at, 2000);
    EXPECT_EQ(read.revision, 4U);
}

TEST_F(StoragePlugin, ReadsLargerStructs) {
    const auto page = read("wide");
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->entries.size(), 3U);
    for (std::uint64_t index = 0; index < 3; ++index) {
        EXPECT_EQ(page->entries[index].seq, index + 2);
        EXPECT_EQ(page->entries[index].kind, EntryKind::revision);
        EXPECT_EQ(page->entries[index].read_at, 50);
    }
    const auto wide = heads({"wide", "b", "c"});
    ASSERT_TRUE(wide);
    EXPECT_EQ(wide->at(2).head, 12U);
    EXPECT_EQ(wide->at(2).stream, "c");
}

TEST_F(StoragePlugin, ReadsSmallerStructs) {
    const auto narrow = heads({"narrow", "b", "c"});
    ASSERT_TRUE(narrow);
    EXPECT_EQ(narrow->at(2).head, 12U);
    EXPECT_EQ(narrow->at(2).stream, "");
    const auto page = read("older");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->entries[0].notification->revision, 4U);
    EXPECT_EQ(page->entries[0].notification->source, "");
}

TEST_F(StoragePlugin, RefusesNonsenseAboutReads) {
    for (const char* how : {"null-entries", "too-many", "endless", "zero-size", "huge-size",
                            "no-notification", "no-page"}) {
        const auto page = read(how);
        ASSERT_FALSE(page) << how;
        EXPECT_EQ(page.error().code, Code::retry);
        EXPECT_THAT(page.error().message, HasSubstr("answered read with nonsense")) << how;
    }
    EXPECT_THAT(heads({"fewer", "b"}).error().message, HasSubstr("1 heads for 2 streams"));
}

TEST_F(StoragePlugin, OffersTheRest) {
    Waiter<std::vector<Head>> streams;
    storage().streams("after", 5, home_, streams.callback());
    EXPECT_EQ(streams.get().value().at(0).stream, "after");

    Waiter<std::vector<Cursor>> cursors;
    storage().cursors("s", home_, cursors.callback());
    EXPECT_EQ(cursors.get().value().at(1).delivered, 5U);

    Waiter<Document> document;
    storage().get("users", "ann", home_, document.callback());
    EXPECT_EQ(document.get().value().version, 6U);
    Waiter<Document> missing;
    storage().get("users", "missing", home_, missing.callback());
    EXPECT_EQ(missing.get().error().code, Code::not_found);

    Waiter<Documents> documents;
    storage().find({"users", "mail", "from", "to", "key", "id", true, 9}, home_,
                   documents.callback());
    const auto found = documents.get();
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->more);  // the flag for backwards
    EXPECT_EQ(
        found->documents.at(0).id + found->documents.at(0).document + found->documents.at(0).key,
        "idfrommail");

    Waiter<Jobs> claimed;
    storage().claim("q", 3, 4, 5, home_, claimed.callback());
    const auto jobs = claimed.get();
    ASSERT_TRUE(jobs);
    EXPECT_EQ(jobs->jobs.at(0).due, 7);
    EXPECT_EQ(jobs->jobs.at(0).lease, 5U);
    EXPECT_EQ(jobs->jobs.at(0).payload + jobs->jobs.at(0).reason + jobs->jobs.at(0).lane,
              "paywhylane");
    EXPECT_FALSE(jobs->jobs.at(0).dead);
    Waiter<Jobs> dead;
    storage().jobs("q", true, "", 5, home_, dead.callback());
    EXPECT_TRUE(dead.get().value().jobs.at(0).dead);

    Waiter<StorageStats> stats;
    storage().stats(home_, stats.callback());
    EXPECT_EQ(stats.get().value().durability, "in the mind");

    Waiter<> backup;
    storage().backup("/there", home_, backup.callback());
    EXPECT_TRUE(backup.get());
    Waiter<> full;
    storage().backup("/full", home_, full.callback());
    EXPECT_EQ(full.get().error().code, Code::unavailable);
}

TEST_F(StoragePlugin, FindsOneCursor) {
    Waiter<Cursor> known;
    storage().cursor("s", "phone", home_, known.callback());
    EXPECT_EQ(known.get().value().moved_at, 6);
    Waiter<Cursor> unknown;
    storage().cursor("s", "new", home_, unknown.callback());
    const auto cursor = unknown.get();
    ASSERT_TRUE(cursor);
    EXPECT_EQ(cursor->device, "new");
    EXPECT_EQ(cursor->delivered, 0U);
}

TEST_F(StoragePlugin, CarriesRecordsBothWays) {
    Waiter<Records> dumped;
    storage().dump("", 10, 1, home_, dumped.callback());
    const auto records = dumped.get();
    ASSERT_TRUE(records) << records.error().message;
    EXPECT_TRUE(records->more);
    EXPECT_EQ(records->next, "further");
    ASSERT_EQ(records->records.size(), 6U);

    Waiter<> loaded;
    storage().load(records->records, home_, loaded.callback());
    EXPECT_EQ(loaded.get().error().message,
              "6: body 1 1 8 2 hash n1, stream s 7 2 9 3, entry s 2 8 50 1 1, "
              "cursor s phone 5 4 6, document users ann 6 {} mail a@b 1, job j 1 1 2 3 77");
}

TEST_F(StoragePlugin, RefusesNonsenseAboutRecords) {
    for (const char* how : {"no-notification", "no-cursor", "no-document", "endless-keys", "no-job",
                            "odd-kind", "no-record", "no-list", "too-many"}) {
        Waiter<Records> dumped;
        storage().dump(how, 10, 0, home_, dumped.callback());
        const auto records = dumped.get();
        ASSERT_FALSE(records) << how;
        EXPECT_THAT(records.error().message, HasSubstr("answered dump with nonsense")) << how;
    }
}

class OldStorage : public HostTest {};

TEST_F(OldStorage, SaysWhatItDoesNotOffer) {
    run("old-storage", Kind::storage);
    Waiter<Document> document;
    host_->storage()->get("users", "ann", home_, document.callback());
    EXPECT_TRUE(document.get());
    Waiter<Jobs> claimed;
    host_->storage()->claim("q", 3, 4, 5, home_, claimed.callback());
    const auto jobs = claimed.get();
    EXPECT_EQ(jobs.error().code, Code::refused);
    EXPECT_EQ(jobs.error().message, "plugin old-storage does not offer claim");
    Waiter<StorageStats> stats;
    host_->storage()->stats(home_, stats.callback());
    EXPECT_EQ(stats.get().error().code, Code::refused);
}

TEST_F(OldStorage, FindsACursorAmongAll) {
    run("old-storage", Kind::storage);
    Waiter<Cursor> cursor;
    host_->storage()->cursor("s", "b", home_, cursor.callback());
    EXPECT_EQ(cursor.get().value().delivered, 5U);
}

}  // namespace
}  // namespace belfry::plugin::test
