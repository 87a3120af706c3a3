// The write-ahead log is moved into the database beside the commits, and does not grow for ever.
#include "tests/unit/storage_sqlite/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

namespace belfry::storage_test {
namespace {

class Checkpoints : public testing::Test {
protected:
    void commit(int count) {
        auto big = note("n");
        big.data.assign(8'000, 'x');
        Group group;
        group.append(big, {"s"});
        for (int i = 0; i < count; ++i) {
            ASSERT_EQ(store.commit(group).status, Status::ok);
        }
    }
    double metric(std::string_view name) { return store.host.metric("store", name); }
    std::uint64_t log_bytes() { return std::filesystem::file_size(path + "-wal"); }

    Folder folder;
    std::string path = folder.file("b.db");
    Store store{path, R"(,"wal_autocheckpoint":100)"};
};

TEST_F(Checkpoints, KeepTheLogShort) {
    commit(1'500);
    EXPECT_GT(metric("sqlite_checkpoint_seconds"), 0);
    EXPECT_GT(metric("sqlite_wal_restarts_total"), 0);
    EXPECT_GT(metric("sqlite_wal_bytes"), 0);
    EXPECT_LT(log_bytes(), 8U << 20U);
}

TEST_F(Checkpoints, GoOnWhenAReaderHasGone) {
    commit(10);
    {
        SQLite::Database reader(path, SQLite::OPEN_READONLY);
        reader.exec("BEGIN");
        EXPECT_EQ(reader.execAndGet("SELECT head FROM streams").getInt(), 10);
        commit(600);  // the log must keep what the reader sees
        EXPECT_GT(log_bytes(), 4U << 20U);
        EXPECT_EQ(reader.execAndGet("SELECT head FROM streams").getInt(), 10);
    }
    const auto before = metric("sqlite_wal_restarts_total");
    testkit::eventually("the log begins again", [&] {
        commit(10);
        return metric("sqlite_wal_restarts_total") > before;
    });
    EXPECT_EQ(store.head("s").head, store.read("s", 0, 1).head.head);
}

}  // namespace
}  // namespace belfry::storage_test
