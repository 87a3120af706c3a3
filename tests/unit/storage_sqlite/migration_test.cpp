// From an older schema to the newest, and what is left when that is killed in the middle.
#include "plugins/storage/sqlite/schema_steps.hpp"
#include "tests/unit/storage_sqlite/child.hpp"
#include "tests/unit/storage_sqlite/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;

/// A mailbox with two entries, one of them read and from an event, in the schema of the first
/// version.
constexpr std::string_view kOld = R"sql(
PRAGMA application_id = 1112295001;
PRAGMA user_version = 1;
INSERT INTO streams VALUES (1, 'user:1', 77, 2, 1, 1, 1, 0, 0), (2, 'topic:a', 78, 1, 1, 1, 0, 0, 0);
INSERT INTO bodies VALUES
    (1, 2, 0, 'n1', 1, 'test', 'title', 'body', x'00ff', '', 0, '', 1000, 0, 'source', 'event', ''),
    (2, 1, 0, 'n2', 1, 'test', 'other', '', '', '', 7, '', 2000, 0, '', '', ''),
    (3, 0, 0, 'gone', 1, 'test', '', '', '', '', 0, '', 9000, 0, 'source', 'gone event', '');
INSERT INTO entries VALUES (1, 1, 1, 0, 1, 55), (1, 2, 2, 0, 0, 0), (2, 1, 1, 0, 0, 0);
INSERT INTO dedup VALUES ('source', 'event', 1, 'hash'), ('source', 'gone event', 3, 'hash');
INSERT INTO cursors VALUES ('user:1', 'phone', 2, 1);
INSERT INTO collections VALUES (1, 'things', 'a', 3, 'document');
INSERT INTO keys VALUES ('things', 'key', 'value', 'a', 1, 1);
INSERT INTO jobs VALUES (1, 'queue', 'second', 'lane', 20, 0, 0, 0, 0, '', ''),
    (2, 'queue', 'first', 'lane', 10, 0, 0, 0, 0, '', ''), (3, 'queue', 'free', '', 30, 0, 0, 0, 0, '', '');
)sql";

void make_old(const std::string& path) {
    SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec("BEGIN; " + std::string(sqlite::kSteps[0]) + std::string(kOld) + "COMMIT");
}

void expect_content(const std::string& path) {
    Store store(path);
    const auto page = store.read("user:1");
    ASSERT_EQ(page.entries.size(), 2U);
    EXPECT_EQ(page.head.epoch, 77U);
    EXPECT_EQ(page.head.unread, 1U);
    EXPECT_EQ(page.entries[0].read_at, 55);
    EXPECT_EQ(page.entries[0].notification->data, std::string("\0\xff", 2));
    EXPECT_EQ(page.entries[1].notification->priority, 7);
    EXPECT_EQ(store.read("topic:a").entries.at(0).notification->id, "n1");
    const auto again = store.commit(
        Group().append(note_of("n9", "source", "event"), {"topic:a", "user:1"}, "hash"));
    EXPECT_EQ(again.results.at(0).status, Status::duplicate);
    EXPECT_THAT(again.results.at(0).seqs, ElementsAre(1U, 1U));
    EXPECT_EQ(
        store.commit(Group().append(note_of("n9", "source", "gone event"), {"user:1"}, "other"))
            .status,
        Status::conflict);
    EXPECT_EQ(store.cursor("user:1", "phone").cursors.at(0).delivered, 2U);
    EXPECT_EQ(store.get("things", "a").value.version, 3U);
    const auto jobs = store.claim("queue", 100, 200, 9).jobs;
    ASSERT_EQ(jobs.size(), 2U);
    EXPECT_EQ(jobs[0].id, "first");
    EXPECT_EQ(jobs[1].id, "free");
    EXPECT_EQ(store.append("user:1", "n3"), 3U);
}

// ---- a process that is killed before its Nth statement
// -------------------------------------------

int statements_left = 0;

int count_statement(unsigned /*kind*/, void* /*context*/, void* /*statement*/, void* /*text*/) {
    if (--statements_left == 0) {
        ::kill(::getpid(), SIGKILL);
    }
    return 0;
}

int watch(sqlite3* database, const char** /*error*/, const sqlite3_api_routines* /*api*/) {
    return sqlite3_trace_v2(database, SQLITE_TRACE_STMT, count_statement, nullptr);
}

/// Starts in another process, which is killed before its Nth statement; whether it came so far.
bool is_killed(const std::string& path, int nth) {
    const pid_t child = spawn([&] {
        statements_left = nth;
        sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch));
        testkit::Host host;
        auto plugin = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN);
        auto instance = plugin.create("store", config(path));
        const bool is_started = instance.try_start().ok();
        sqlite3_reset_auto_extension();
        ::_exit(is_started ? 0 : 1);
        return 0;
    });
    const int code = exit_code(child);
    EXPECT_TRUE(code == 0 || code == -SIGKILL) << code;
    return code == -SIGKILL;
}

TEST(Migration, TakesWhatIsThereAlong) {
    const Folder folder;
    const auto path = folder.file("b.db");
    make_old(path);
    expect_content(path);
    EXPECT_THAT(query(path, "PRAGMA user_version"),
                ElementsAre(std::to_string(sqlite::kSteps.size())));
    EXPECT_THAT(query(path, "PRAGMA integrity_check"), ElementsAre("ok"));
}

TEST(Migration, GivesTheSchemaOfANewDatabase) {
    const Folder folder;
    make_old(folder.file("old.db"));
    {
        const Store old(folder.file("old.db"));
    }
    {
        const Store fresh(folder.file("fresh.db"));
    }
    const auto* schema = "SELECT type || name || sql FROM sqlite_master ORDER BY name";
    EXPECT_EQ(query(folder.file("old.db"), schema), query(folder.file("fresh.db"), schema));
}

TEST(Migration, GoesOnWhereverItWasKilled) {
    const Folder folder;
    int nth = 1;
    for (bool is_under_way = true; is_under_way && !testing::Test::HasFailure(); ++nth) {
        SCOPED_TRACE("statement " + std::to_string(nth));
        const auto path = folder.file(std::to_string(nth) + ".db");
        make_old(path);
        is_under_way = is_killed(path, nth);
        expect_content(path);
        EXPECT_THAT(query(path, "PRAGMA integrity_check"), ElementsAre("ok"));
    }
    EXPECT_GT(nth, 40);
}

/// A step is taken whole or not at all, and each by itself.
TEST(Migration, OfNothingGoesOnWhereverItWasKilled) {
    const Folder folder;
    std::array<int, sqlite::kSteps.size() + 1> versions{};
    int nth = 1;
    for (bool is_under_way = true; is_under_way && !testing::Test::HasFailure(); ++nth) {
        SCOPED_TRACE("statement " + std::to_string(nth));
        const auto path = folder.file(std::to_string(nth) + ".db");
        is_under_way = is_killed(path, nth);
        if (std::filesystem::exists(path)) {
            const auto version = std::stoul(query(path, "PRAGMA user_version").at(0));
            ++versions.at(version);
            const auto tables = query(path, "SELECT count(*) FROM sqlite_master").at(0);
            EXPECT_EQ(version == 0, tables == "0");
        }
        Store store(path);
        EXPECT_EQ(store.append("s", "a"), 1U);
    }
    EXPECT_GT(nth, 60);
    EXPECT_THAT(versions, testing::Each(testing::Gt(0)));
}

}  // namespace
}  // namespace belfry::storage_test
