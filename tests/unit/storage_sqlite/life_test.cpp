#include "tests/unit/storage_sqlite/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <fstream>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Life : public testing::Test {
protected:
    Outcome<> start(std::string_view more = {}) {
        testkit::Host host;
        auto plugin = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN);
        auto instance = plugin.create("store", config(path, more));
        return instance.try_start();
    }
    void change(const std::string& sql) {
        SQLite::Database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(sql);
    }

    Folder folder;
    std::string path = folder.file("b.db");
};

TEST_F(Life, EverythingIsThereAfterARestart) {
    {
        Store store(path);
        store.append("s", "a");
        store.commit(Group().put("c", "d", 0, "doc").owe("q", "j", 1).mark("s", 1, 0, {1}));
        store.instance.stop();
        EXPECT_TRUE(store.host.violations().empty());
    }
    Store store(path);
    EXPECT_EQ(store.append("s", "b"), 2U);
    EXPECT_EQ(store.head("s").unread, 1U);
    EXPECT_EQ(store.get("c", "d").value.document, "doc");
    EXPECT_EQ(store.claim("q", 1, 2, 1).jobs.size(), 1U);
}

TEST_F(Life, StopCommitsAndAnswersWhatWaits) {
    std::vector<Call<sdk::Committed>> pending;
    {
        Store store(path);
        Group group;
        group.append(note("a"), {"s"});
        for (int i = 0; i < 500; ++i) {
            pending.push_back(store.begin_commit({&group}));
        }
        store.instance.stop();
        for (const auto& one : pending) {
            ASSERT_TRUE(one.ready());
            EXPECT_TRUE(one.wait().ok());
        }
        EXPECT_TRUE(store.host.violations().empty());
    }
    Store store(path);
    EXPECT_EQ(store.head("s").head, 500U);
}

TEST_F(Life, DrainWaitsForWhatWasCommitted) {
    Store store(path);
    Group group;
    group.append(note("a"), {"s"});
    const auto pending = store.begin_commit({&group});
    store.instance.drain();
    EXPECT_TRUE(pending.ready());
}

TEST_F(Life, ASecondOpenerIsRefused) {
    {
        const Store store(path);
        const auto outcome = start();
        EXPECT_EQ(outcome.status, Status::refused);
        EXPECT_THAT(outcome.message, HasSubstr("in use"));
    }
    EXPECT_TRUE(start().ok());
}

TEST_F(Life, MigratingTwiceChangesNothing) {
    EXPECT_TRUE(start().ok());
    const auto schema = query(path, "SELECT sql FROM sqlite_master ORDER BY name");
    EXPECT_TRUE(start().ok());
    EXPECT_EQ(query(path, "SELECT sql FROM sqlite_master ORDER BY name"), schema);
    EXPECT_THAT(query(path, "PRAGMA user_version"), ElementsAre("2"));
}

TEST_F(Life, ANewerSchemaIsRefusedAndLeftAlone) {
    ASSERT_TRUE(start().ok());
    change("PRAGMA user_version = 999");
    const auto outcome = start();
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_THAT(outcome.message, HasSubstr("999"));
    EXPECT_THAT(query(path, "PRAGMA user_version"), ElementsAre("999"));
}

TEST_F(Life, ADatabaseOfAnotherProgramIsLeftAlone) {
    change("CREATE TABLE mine (a); INSERT INTO mine VALUES (7)");
    const auto outcome = start();
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_THAT(outcome.message, HasSubstr("another program"));
    EXPECT_THAT(query(path, "SELECT name FROM sqlite_master"), ElementsAre("mine"));
    EXPECT_THAT(query(path, "PRAGMA journal_mode"), ElementsAre("delete"));
}

TEST_F(Life, AFileThatIsNoDatabaseIsLeftAlone) {
    std::ofstream(path) << "This is a letter, and it is long enough to be looked at by SQLite.\n"
                           "It has to be longer than the header of a database, which has a hundred "
                           "bytes.\n";
    const auto size = std::filesystem::file_size(path);
    const auto outcome = start();
    EXPECT_EQ(outcome.status, Status::unavailable);
    EXPECT_THAT(outcome.message, HasSubstr(path));
    EXPECT_EQ(std::filesystem::file_size(path), size);
}

TEST_F(Life, AMissingFolderIsNamed) {
    path = folder.file("no/such/b.db");
    const auto outcome = start();
    EXPECT_EQ(outcome.status, Status::unavailable);
    EXPECT_THAT(outcome.message, HasSubstr(path));
}

TEST_F(Life, NobodyElseMayReadTheFile) {
    ASSERT_TRUE(start().ok());
    EXPECT_EQ(std::filesystem::status(path).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Life, CallsOutsideOfItsLifeAreClosed) {
    testkit::Host host;
    auto plugin = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN);
    auto instance = plugin.create("store", config(path));
    const auto& table = instance.table<bf_storage>();
    const auto stats = [&] {
        return testkit::await<sdk::StorageStats>(
                   instance, "stats", [&](bf_done done) { table.stats(instance.handle(), done); })
            .status;
    };
    EXPECT_EQ(stats(), Status::closed);
    instance.start();
    EXPECT_EQ(stats(), Status::ok);
}

TEST_F(Life, SettingsTakeEffect) {
    Store store(path, R"(,"synchronous":"normal","readers":1,"wal_autocheckpoint":100)");
    store.append("s", "a");
    EXPECT_FALSE(store.stats().durable);
    EXPECT_THAT(store.stats().durability, HasSubstr("normal"));
    EXPECT_EQ(store.instance.apply(
                  config(path, R"(,"synchronous":"normal","readers":1,"wal_autocheckpoint":100)")),
              BF_APPLIED);
    EXPECT_EQ(store.instance.apply(config(path)), BF_APPLY_RESTART);
    EXPECT_TRUE(store.plugin.check(config(path, R"(,"synchronous":"off")")).has_value());
    EXPECT_TRUE(store.plugin.check(R"({"path":""})").has_value());
    EXPECT_TRUE(store.plugin.check("{").has_value());
    EXPECT_FALSE(store.plugin.check(config(path)).has_value());
}

TEST_F(Life, ChangesByAnotherProgramAreSeen) {
    Store store(path);
    store.append("s", "a");
    change("UPDATE streams SET head = 10, earliest = 11; DELETE FROM entries");
    EXPECT_EQ(store.append("s", "b"), 11U);
}

}  // namespace
}  // namespace belfry::storage_test
