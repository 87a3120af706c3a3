// How the schema comes to be.
#include "tests/support/cut_proxy.hpp"
#include "tests/unit/storage_postgresql/store.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace belfry::storage_test {
namespace {

using testing::HasSubstr;

class PostgresMigration : public Postgres {
protected:
    Outcome<> try_start(const std::string& through) const {
        Loaded loaded;
        auto instance = loaded.plugin.create("store", config(through, schema(), R"(,"readers":1)"));
        auto outcome = instance.try_start();
        instance.stop();
        return outcome;
    }
    Outcome<> try_start() const { return try_start(address()); }
};

TEST_F(PostgresMigration, HappensOnce) {
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(try_start().ok());
    }
    EXPECT_EQ(query("SELECT version FROM @.migrations ORDER BY version"),
              std::vector<std::string>{"1"});
}

TEST_F(PostgresMigration, OfManyNodesAtOnceSucceedsOnAll) {
    std::vector<std::thread> nodes;
    std::atomic<int> started = 0;
    for (int i = 0; i < 6; ++i) {
        nodes.emplace_back([&] {
            const auto outcome = try_start();
            EXPECT_TRUE(outcome.ok()) << outcome.message;
            started += outcome.ok() ? 1 : 0;
        });
    }
    for (auto& node : nodes) {
        node.join();
    }
    EXPECT_EQ(started, 6);
    EXPECT_EQ(query("SELECT count(*) FROM @.migrations"), std::vector<std::string>{"1"});
}

TEST_F(PostgresMigration, GoesIntoASchemaThatWasMadeForIt) {
    query("CREATE SCHEMA " + schema());
    EXPECT_TRUE(try_start().ok());
}

TEST_F(PostgresMigration, LeavesAnotherProgramsSchemaAlone) {
    query("CREATE SCHEMA " + schema() + "; CREATE TABLE @.users (name text)");
    const auto outcome = try_start();
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_THAT(outcome.message, HasSubstr(schema()));
    EXPECT_THAT(outcome.message, HasSubstr("another program"));
    EXPECT_EQ(
        query("SELECT relname FROM pg_class WHERE relnamespace = '" + schema() + "'::regnamespace"),
        std::vector<std::string>{"users"});
}

TEST_F(PostgresMigration, RefusesANewerSchema) {
    ASSERT_TRUE(try_start().ok());
    query("INSERT INTO @.migrations (version) VALUES (999)");
    const auto outcome = try_start();
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_THAT(outcome.message, HasSubstr("version 999"));
    EXPECT_THAT(outcome.message, HasSubstr("newest known, 1"));
}

TEST_F(PostgresMigration, RefusesADatabaseThatIsNotInUtf8) {
    query("CREATE DATABASE latin_" + schema() +
          " ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    const auto outcome = try_start(address() + " dbname=latin_" + schema());
    query("DROP DATABASE latin_" + schema());
    EXPECT_EQ(outcome.status, Status::refused);
    EXPECT_THAT(outcome.message, HasSubstr("LATIN1"));
}

/// Every statement of a start is cut once; the start after it goes on and ends well.
TEST_F(PostgresMigration, CutAtAnyStatementGoesOn) {
    std::atomic<int> left = 0;
    const auto port = address().find("port=") + 5;
    test::CutProxy proxy(std::stoi(address().substr(port)),
                         [&](char type, std::string_view) { return type == 'Q' && --left == 0; });
    auto through = address();
    through.replace(port, through.find(' ', port) - port, std::to_string(proxy.port()));
    for (int statement = 1;; ++statement) {
        query("DROP SCHEMA IF EXISTS " + schema() + " CASCADE");
        const auto before = proxy.cuts();
        proxy.arm(statement % 2 == 0 ? test::Cut::request : test::Cut::answer);
        left = statement;
        const auto first = try_start(through);
        if (proxy.cuts() == before) {
            ASSERT_TRUE(first.ok()) << first.message;
            EXPECT_GT(statement, 12) << "too few statements to be a whole start";
            return;
        }
        left = 0;
        const auto second = try_start();
        ASSERT_TRUE(second.ok()) << "statement " << statement << ": " << second.message;
    }
}

}  // namespace
}  // namespace belfry::storage_test
