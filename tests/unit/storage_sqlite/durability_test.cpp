// What is said, and done, where a commit may not survive loss of power.
#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

namespace belfry::storage_test {
namespace {

using testing::HasSubstr;

constexpr std::string_view kWarning = "commits may not survive loss of power";

class Durability : public testing::Test {
protected:
    Outcome<> start(const std::string& file, std::string_view more) {
        auto instance = loaded.plugin.create("store", config(file, more));
        auto outcome = instance.try_start();
        (void)instance.try_stop();
        return outcome;
    }

    Folder folder;
    std::string path = folder.file("b.db");
    Loaded loaded;
};

TEST_F(Durability, IsThereByDefault) {
    Store store(path);
    EXPECT_TRUE(store.stats().durable);
    EXPECT_EQ(store.host.metric("store", "sqlite_durable"), 1);
    EXPECT_EQ(store.host.logged(kWarning), 0U);
}

TEST_F(Durability, IsMissedWithAWarning) {
    Store store(path, R"(,"synchronous":"normal")");
    EXPECT_FALSE(store.stats().durable);
    EXPECT_THAT(store.stats().durability, HasSubstr("synchronous=normal"));
    EXPECT_EQ(store.host.metric("store", "sqlite_durable"), 0);
    EXPECT_EQ(store.host.logged(kWarning), 1U);
}

TEST_F(Durability, IsInsistedOn) {
    const auto outcome = start(path, R"(,"synchronous":"normal","require_durable":true)");
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_THAT(outcome.message, HasSubstr(path));
    EXPECT_THAT(outcome.message, HasSubstr("require_durable"));
    EXPECT_THAT(outcome.message, HasSubstr("synchronous=normal"));
    EXPECT_TRUE(start(path, R"(,"require_durable":true)").ok());
    EXPECT_TRUE(start(path, R"(,"synchronous":"extra","require_durable":true)").ok());
}

TEST_F(Durability, IsNoneInMemory) {
    std::string name = "/dev/shm/belfry-sqlite-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
        GTEST_SKIP() << "/dev/shm cannot be used";
    }
    const auto in_memory = name + "/b.db";
    const auto outcome = start(in_memory, R"(,"require_durable":true)");
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_THAT(outcome.message, HasSubstr("in memory"));
    {
        Store store(in_memory);
        EXPECT_FALSE(store.stats().durable);
        EXPECT_EQ(store.host.logged(kWarning), 1U);
    }
    std::filesystem::remove_all(name);
}

}  // namespace
}  // namespace belfry::storage_test
