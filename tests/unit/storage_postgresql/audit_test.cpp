// What is said, and done, about a server that may lose what it has acknowledged.
#include "tests/unit/storage_postgresql/store.hpp"

#include <gmock/gmock.h>

namespace belfry::storage_test {
namespace {

using testing::HasSubstr;

constexpr const char* kWarning = "commits may be lost with the power";

class PostgresAudit : public Postgres {
protected:
    std::string weak() const { return address() + " options='-c synchronous_commit=off'"; }
};

TEST_F(PostgresAudit, SaysWhereCommitsAreDurable) {
    const auto stats = store().stats();
    EXPECT_TRUE(stats.durable);
    EXPECT_THAT(stats.durability, HasSubstr("fsync=on"));
    EXPECT_THAT(stats.durability, HasSubstr("full_page_writes=on"));
    EXPECT_THAT(stats.durability, HasSubstr("synchronous_commit=on"));
    EXPECT_EQ(store().host.metric("store", "postgresql_durable"), 1);
    EXPECT_EQ(store().host.logged(kWarning), 0U);
}

TEST_F(PostgresAudit, WarnsWhereCommitsAreNot) {
    Store own(weak(), schema());
    const auto stats = own.stats();
    EXPECT_FALSE(stats.durable);
    EXPECT_THAT(stats.durability, HasSubstr("synchronous_commit=off"));
    EXPECT_EQ(own.host.metric("store", "postgresql_durable"), 0);
    EXPECT_EQ(own.host.logged(kWarning), 1U);
    EXPECT_EQ(own.append("s", "n"), 1U);
}

TEST_F(PostgresAudit, RefusesToStartWhereDurabilityIsRequired) {
    Loaded loaded;
    auto instance =
        loaded.plugin.create("store", config(weak(), schema(), R"(,"require_durable":true)"));
    const auto outcome = instance.try_start();
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_THAT(outcome.message, HasSubstr("require_durable"));
    EXPECT_THAT(outcome.message, HasSubstr("synchronous_commit=off"));
    EXPECT_EQ(query("SELECT count(*) FROM pg_namespace WHERE nspname = '" + schema() + "'"),
              std::vector<std::string>{"0"});
}

TEST_F(PostgresAudit, StartsWhereWhatIsRequiredIsThere) {
    Store own(address(), schema(), R"(,"require_durable":true)");
    EXPECT_EQ(own.append("s", "n"), 1U);
}

TEST_F(PostgresAudit, LooksAtTheServersOwnSettings) {
    PostgresServer server({"fsync=off", "full_page_writes=off"});
    Store own(server.address(), "belfry");
    const auto stats = own.stats();
    EXPECT_FALSE(stats.durable);
    EXPECT_THAT(stats.durability, HasSubstr("fsync=off"));
    EXPECT_THAT(stats.durability, HasSubstr("full_page_writes=off"));
}

}  // namespace
}  // namespace belfry::storage_test
