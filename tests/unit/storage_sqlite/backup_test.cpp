#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;

TEST(Backup, IsOneConsistentFileWhileWritesGoOn) {
    const Folder folder;
    Store store(folder.file("b.db"));
    auto big = note("big");
    big.data.assign(20'000, 'x');
    for (int i = 0; i < 200; ++i) {
        store.commit(Group().append(big, {"old"}));
    }
    std::atomic<bool> ending = false;
    std::thread writer([&] {
        while (!ending) {
            store.commit(Group().append(note("n"), {"a", "b"}));
        }
    });
    const auto copy = folder.file("copy.db");
    const auto outcome = store.backup(copy);
    ending = true;
    writer.join();
    ASSERT_TRUE(outcome.ok()) << outcome.message;
    EXPECT_THAT(query(copy, "PRAGMA integrity_check"), ElementsAre("ok"));
    EXPECT_THAT(query(copy, "SELECT head FROM streams WHERE stream = 'old'"), ElementsAre("200"));
    EXPECT_THAT(
        query(copy, "SELECT count(*) FROM entries WHERE ref NOT IN (SELECT ref FROM bodies)"),
        ElementsAre("0"));
    EXPECT_THAT(query(copy, "SELECT sum(head) FROM streams"),
                query(copy, "SELECT count(*) FROM entries"));
    EXPECT_FALSE(std::filesystem::exists(copy + "-wal"));
    EXPECT_FALSE(std::filesystem::exists(copy + ".partial"));

    Store restored(copy);
    EXPECT_EQ(restored.head("old").head, 200U);
    EXPECT_EQ(restored.append("old", "more"), 201U);
}

TEST(Backup, OverwritesNothing) {
    const Folder folder;
    Store store(folder.file("b.db"));
    const auto copy = folder.file("copy.db");
    std::ofstream(copy) << "precious";
    EXPECT_EQ(store.backup(copy).status, Status::conflict);
    EXPECT_EQ(std::filesystem::file_size(copy), 8U);
    EXPECT_EQ(store.backup(folder.file("b.db")).status, Status::conflict);
    EXPECT_EQ(store.backup("relative.db").status, Status::invalid);
    EXPECT_EQ(store.backup(folder.file("no/such/folder")).status, Status::unavailable);
}

}  // namespace
}  // namespace belfry::storage_test
