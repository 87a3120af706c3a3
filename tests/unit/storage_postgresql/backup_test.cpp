#include "tests/unit/storage_postgresql/store.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// PATH, for as long as this lives.
class Path {
public:
    explicit Path(const std::string& path) : before_(std::getenv("PATH")) {
        ::setenv("PATH", path.c_str(), 1);
    }
    ~Path() { ::setenv("PATH", before_.c_str(), 1); }
    Path(const Path&) = delete;
    Path& operator=(const Path&) = delete;

private:
    std::string before_;
};

using PostgresBackup = Postgres;

TEST_F(PostgresBackup, IsOneConsistentCopyWhileWritesGoOn) {
    const Folder folder;
    auto big = note("big");
    big.data.assign(20'000, 'x');
    for (int i = 0; i < 50; ++i) {
        store().commit(Group().append(big, {"old"}));
    }
    std::atomic<bool> ending = false;
    std::thread writer([&] {
        while (!ending) {
            store().commit(Group().append(note("n"), {"a", "b"}));
        }
    });
    const auto copy = folder.file("copy");
    const auto outcome = store().backup(copy);
    ending = true;
    writer.join();
    ASSERT_TRUE(outcome.ok()) << outcome.message;
    EXPECT_FALSE(std::filesystem::exists(copy + ".partial"));
    struct stat info{};
    ASSERT_EQ(::stat(copy.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);

    const auto table = "SELECT to_regclass('" + schema() + ".streams')";
    close();
    query("DROP SCHEMA " + schema() + " CASCADE");
    ASSERT_THAT(query(table), ElementsAre(""));
    ASSERT_EQ(
        std::system(("pg_restore --exit-on-error --dbname='" + address() + "' " + copy).c_str()),
        0);
    Store restored(address(), schema());
    EXPECT_EQ(restored.head("a").head, restored.head("b").head);
    EXPECT_EQ(restored.read("a").entries.size(), restored.head("a").head);
    EXPECT_EQ(restored.head("old").head, 50U);
    EXPECT_EQ(restored.append("old", "more"), 51U);
    EXPECT_EQ(restored.read("old", 50).entries.at(0).notification->id, "more");
}

TEST_F(PostgresBackup, OverwritesNothing) {
    const Folder folder;
    const auto copy = folder.file("copy");
    std::ofstream(copy) << "precious";
    EXPECT_EQ(store().backup(copy).status, Status::conflict);
    EXPECT_EQ(std::filesystem::file_size(copy), 8U);
    EXPECT_EQ(store().backup("relative").status, Status::invalid);
    EXPECT_EQ(store().backup(folder.file("no/such/folder")).status, Status::unavailable);
}

TEST_F(PostgresBackup, SaysThatItsProgramIsNotInstalled) {
    const Folder folder;
    store();
    const Path path(folder.file(""));
    const auto outcome = store().backup(folder.file("copy"));
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_THAT(outcome.message, HasSubstr("pg_dump"));
    EXPECT_FALSE(std::filesystem::exists(folder.file("copy.partial")));
}

TEST_F(PostgresBackup, PassesOnWhatItsProgramSays) {
    const Folder folder;
    std::ofstream(folder.file("pg_dump"))
        << "#!/bin/sh\n"
           "echo first >&2\n"
           "echo \"$@ $PGDATABASE\" >"
        << folder.file("arguments") << "\necho 'pg_dump: error: no luck' >&2\nexit 3\n";
    std::filesystem::permissions(folder.file("pg_dump"), std::filesystem::perms::owner_all);
    Store secret(address(), schema(), R"(,"password":"s3cret")");
    const Path path(folder.file("") + ":" + std::getenv("PATH"));
    const auto outcome = secret.backup(folder.file("copy"));
    EXPECT_EQ(outcome.status, Status::unavailable);
    EXPECT_EQ(outcome.message, "pg_dump: error: no luck");
    std::string arguments;
    std::getline(std::ifstream(folder.file("arguments")), arguments);
    EXPECT_THAT(arguments, HasSubstr("--schema=\"" + schema() + "\""));
    EXPECT_THAT(arguments, HasSubstr(" belfry"));
    EXPECT_THAT(arguments, testing::Not(HasSubstr("s3cret")));
}

TEST_F(PostgresBackup, IsGivenUpWhenTheStorageStops) {
    const Folder folder;
    std::ofstream(folder.file("pg_dump"))
        << "#!/bin/sh\n>" << folder.file("started") << "\nexec sleep 100\n";
    std::filesystem::permissions(folder.file("pg_dump"), std::filesystem::perms::owner_all);
    store();
    const Path path(folder.file("") + ":" + std::getenv("PATH"));
    const Call<> call(store().instance, "backup");
    const auto copy = folder.file("copy");
    store().table.backup(store().instance.handle(), sdk::str(copy), call.done());
    EXPECT_EQ(store().backup(folder.file("second")).status, Status::refused);
    testkit::eventually("it runs", [&] { return std::filesystem::exists(folder.file("started")); });
    store().instance.stop();
    EXPECT_EQ(call.wait().status, Status::closed);
    EXPECT_FALSE(std::filesystem::exists(copy));
}

}  // namespace
}  // namespace belfry::storage_test
