// Configurations, starts and stops.
#include "tests/unit/storage_postgresql/store.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace belfry::storage_test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct PostgresConfig : testing::Test, Loaded {
    std::string fault_of(std::string_view config) const {
        return plugin.check(config).value_or("none");
    }
};

TEST_F(PostgresConfig, MayBeEmpty) {
    EXPECT_EQ(fault_of("{}"), "none");
    EXPECT_EQ(fault_of(R"({"connection":"postgresql://db.example:5433/x?sslmode=require"})"),
              "none");
}

TEST_F(PostgresConfig, HasNoPasswordInTheConnection) {
    for (const auto* connection :
         {"host=db password=hunter2", "postgresql://someone:hunter2@db/belfry",
          "postgresql://db/belfry?password=hunter2"}) {
        const auto fault = fault_of(R"({"connection":")" + std::string(connection) + "\"}");
        EXPECT_THAT(fault, HasSubstr("give it as \"password\""));
        EXPECT_THAT(fault, Not(HasSubstr("hunter2")));
    }
}

TEST_F(PostgresConfig, ThatCannotBeReadIsNotRepeated) {
    for (const auto* connection : {"host=db password = my hunter2", "postgresql://a:hunter2@[db/x",
                                   "host='db hunter2", "nonsense=hunter2"}) {
        const auto fault = fault_of(R"({"connection":")" + std::string(connection) + "\"}");
        EXPECT_THAT(fault, HasSubstr("connection: "));
        EXPECT_THAT(fault, Not(HasSubstr("hunter2")));
    }
}

TEST_F(PostgresConfig, LeavesToThePluginWhatItNeeds) {
    EXPECT_THAT(fault_of(R"({"connection":"client_encoding=LATIN1"})"),
                HasSubstr("client_encoding cannot be set"));
    EXPECT_THAT(fault_of(R"({"schema":"pg_mine"})"), HasSubstr("belongs to PostgreSQL"));
    EXPECT_THAT(fault_of(R"({"connection":"host=a\u0000b"})"), HasSubstr("NUL"));
}

TEST_F(PostgresConfig, StartFailsWhereNobodyListens) {
    // Port 1 is nobody's.
    auto instance = plugin.create(
        "store", R"({"connection":"host=127.0.0.1 port=1 user=belfry","password":"hunter2"})");
    const auto outcome = instance.try_start();
    EXPECT_EQ(outcome.status, Status::unavailable);
    EXPECT_THAT(outcome.message, HasSubstr("127.0.0.1"));
    EXPECT_THAT(outcome.message, Not(HasSubstr("hunter2")));
    instance.stop();
    for (const auto& line : host.logs()) {
        for (const auto& [name, value] : line.fields) {
            EXPECT_THAT(value, Not(HasSubstr("hunter2")));
        }
    }
}

using PostgresLife = Postgres;

TEST_F(PostgresLife, StartFailsWhereTheDatabaseIsNotThere) {
    Loaded loaded;
    auto instance =
        loaded.plugin.create("store", config(address() + " dbname=nobodys_database", schema()));
    const auto outcome = instance.try_start();
    EXPECT_EQ(outcome.status, Status::unavailable);
    EXPECT_THAT(outcome.message, HasSubstr("nobodys_database"));
}

TEST_F(PostgresLife, AppliesTheSameAndRestartsForAnotherConfiguration) {
    auto& instance = store().instance;
    EXPECT_EQ(instance.apply(config(address(), schema())), BF_APPLIED);
    EXPECT_EQ(instance.apply(config(address(), schema(), R"(,"readers":7)")), BF_APPLY_RESTART);
    EXPECT_EQ(instance.apply(config("password=x", schema())), BF_APPLY_FAILED);
    EXPECT_THAT(store().host.take_failure(), HasSubstr("password"));
}

TEST_F(PostgresLife, StopAnswersWhatWasAcceptedFirst) {
    std::vector<Group> groups(200);
    std::vector<Call<sdk::Committed>> calls;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        groups[i].append(note("n" + std::to_string(i)), {"s"});
        calls.push_back(store().begin_commit({&groups[i]}));
    }
    store().instance.stop();
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const auto outcome = calls[i].wait();
        ASSERT_TRUE(outcome.ok()) << outcome.message;
        EXPECT_EQ(outcome.value.groups.at(0).results.at(0).seqs.at(0), i + 1);
    }
    EXPECT_EQ(query("SELECT head FROM @.streams"), std::vector<std::string>{"200"});
}

TEST_F(PostgresLife, LeavesNoConnectionBehind) {
    const auto connections =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + schema() + "'";
    {
        Store own(address() + " application_name=" + schema(), schema());
        own.append("s", "n");
        EXPECT_EQ(query(connections), std::vector<std::string>{"5"});
    }
    testkit::eventually("connections to be closed",
                        [&] { return query(connections) == std::vector<std::string>{"0"}; });
}

TEST_F(PostgresLife, ForgetsWritersThatAreLongGone) {
    store();
    close();
    query(
        "UPDATE @.writers SET at = 0; INSERT INTO @.writers SELECT gen_random_uuid(), 1, at"
        " FROM (SELECT 9223372036854775807 AS at) t");
    store();
    EXPECT_EQ(query("SELECT count(*) FROM @.writers WHERE at > 0"), std::vector<std::string>{"2"});
    EXPECT_EQ(query("SELECT count(*) FROM @.writers WHERE at = 0"), std::vector<std::string>{"0"});
}

TEST_F(PostgresLife, WriterThatWasForgottenWritesOn) {
    store().append("s", "n1");
    query("DELETE FROM @.writers");
    store().append("s", "n2");
    EXPECT_EQ(store().head("s").head, 2U);
    EXPECT_EQ(query("SELECT count(*) FROM @.writers"), std::vector<std::string>{"1"});
}

TEST_F(PostgresLife, ReadsTheMailboxAsPeopleWriteIt) {
    store().append("user:1", "n1");
    store().append("user:alice", "n2");
    const auto where = [&](const std::string& condition) {
        return query("SET search_path = " + schema() + "; SELECT id FROM notifications WHERE " +
                     condition + " ORDER BY id");
    };
    EXPECT_EQ(where("user_id = 1"), std::vector<std::string>{"n1"});
    EXPECT_EQ(where("user_id = '1'"), std::vector<std::string>{"n1"});
    EXPECT_EQ(where("user_id IN (1, 2)"), std::vector<std::string>{"n1"});
    EXPECT_EQ(where("4000000000 = user_id"), std::vector<std::string>{});
    EXPECT_EQ(where("user_id <> 1"), std::vector<std::string>{"n2"});
    EXPECT_EQ(where("user_id = 'alice'"), std::vector<std::string>{"n2"});
}

}  // namespace
}  // namespace belfry::storage_test
