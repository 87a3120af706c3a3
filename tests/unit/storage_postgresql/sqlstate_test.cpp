// What the server says, and what becomes of the commit. A trigger says it.
#include "tests/unit/storage_postgresql/store.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace belfry::storage_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class PostgresSqlState : public Postgres {
protected:
    /// From now on every append fails, or the next `times`; a sequence is not rolled back.
    void plant(const std::string& state, int times = 1'000'000, const std::string& when = "true") {
        store();
        query(
            "DROP SEQUENCE IF EXISTS @.planted CASCADE; CREATE SEQUENCE @.planted;"
            "CREATE OR REPLACE FUNCTION @.plant() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN IF (" +
            when + ") AND nextval('@.planted') <= " + std::to_string(times) +
            " THEN RAISE 'planted secret' USING ERRCODE = '" + state +
            "'; END IF; RETURN NEW; END $$;"
            "DROP TRIGGER IF EXISTS plant ON @.bodies;"
            "CREATE TRIGGER plant BEFORE INSERT ON @.bodies"
            " FOR EACH ROW EXECUTE FUNCTION @.plant()");
    }
    void clear() { query("DROP TRIGGER plant ON @.bodies"); }

    Outcome<sdk::Committed> append(const std::string& id) {
        Group group;
        group.append(note(id), {"s"});
        return store().begin_commit({&group}).wait();
    }
    void expect_append(const std::string& id, std::uint64_t seq) {
        const auto outcome = append(id);
        ASSERT_TRUE(outcome.ok()) << outcome.message;
        ASSERT_EQ(outcome.value.groups.at(0).status, Status::ok)
            << outcome.value.groups.at(0).message;
        EXPECT_EQ(outcome.value.groups.at(0).results.at(0).seqs.at(0), seq);
    }
};

TEST_F(PostgresSqlState, OfContentionIsTriedAgain) {
    std::uint64_t seq = 0;
    for (const auto* state : {"40001", "40P01", "23505"}) {
        plant(state, 3);
        expect_append(state, ++seq);
    }
    EXPECT_EQ(store().head("s").head, 3U);
    EXPECT_EQ(store().host.metric("store", "postgresql_repeated_total"), 9);
    EXPECT_EQ(store().host.health("store").state, sdk::Health::ok);
}

TEST_F(PostgresSqlState, OfContentionWithoutEndIsUnavailable) {
    plant("40001");
    EXPECT_EQ(append("n").status, Status::unavailable);
    EXPECT_EQ(store().host.health("store").state, sdk::Health::down);
    clear();
    expect_append("n", 1);
    EXPECT_EQ(store().host.health("store").state, sdk::Health::ok);
}

TEST_F(PostgresSqlState, OfTheContentFailsOnlyTheGroup) {
    plant("23514", 1'000'000, "NEW.type = 'bad'");
    auto bad = note("bad");
    bad.type = "bad";
    Group first;
    Group second;
    Group third;
    first.append(note("n1"), {"s", "t"});
    second.append(note("n2"), {"s"}).append(bad, {"t"});
    third.append(note("n3"), {"s", "t"});
    const auto outcome = store().begin_commit({&first, &second, &third}).wait();
    ASSERT_TRUE(outcome.ok()) << outcome.message;
    const auto& groups = outcome.value.groups;
    EXPECT_EQ(groups.at(0).status, Status::ok);
    EXPECT_EQ(groups.at(1).status, Status::invalid);
    EXPECT_EQ(groups.at(2).status, Status::ok);
    EXPECT_EQ(groups.at(2).results.at(0).seqs, (std::vector<std::uint64_t>{2, 2}));
    EXPECT_EQ(store().head("t").unread, 2U);
    EXPECT_EQ(store().host.health("store").state, sdk::Health::ok);
}

/// Nothing was done; it is said when the call may be made again, and when all is well again.
TEST_F(PostgresSqlState, OfTheServerIsUnavailable) {
    std::uint64_t seq = 0;
    for (const auto* state : {"53100", "53200", "54001", "55P03", "57014", "42501", "42P01",
                              "XX000", "XX001", "P0001", "25006", "57P01"}) {
        plant(state);
        const auto outcome = append(state);
        EXPECT_EQ(outcome.status, Status::unavailable) << state;
        EXPECT_GT(outcome.retry_after, 0) << state;
        EXPECT_THAT(outcome.message, HasSubstr(state));
        EXPECT_EQ(store().host.health("store").state, sdk::Health::down) << state;
        EXPECT_EQ(store().head("s").head, seq) << state;
        clear();
        // Behind a lost connection, the next try is not at once.
        testkit::eventually("an append to be taken", [&] { return append(state).ok(); });
        EXPECT_EQ(store().head("s").head, ++seq) << state;
        EXPECT_EQ(store().host.health("store").state, sdk::Health::ok) << state;
    }
}

TEST_F(PostgresSqlState, IsLoggedOncePerChange) {
    plant("53100");
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(append("n").status, Status::unavailable);
    }
    clear();
    expect_append("n", 1);
    EXPECT_EQ(store().host.logged("storage cannot write"), 1U);
    EXPECT_EQ(store().host.logged("storage works again"), 1U);
}

/// What the server says about rows stays out of messages.
TEST_F(PostgresSqlState, DetailsAreNotRepeated) {
    store().append("s", "a secret id");
    query("ALTER TABLE @.bodies ADD CONSTRAINT short CHECK (length(body) < 3) NOT VALID");
    Group group;
    auto secret = note("n");
    secret.body = "a secret body";
    group.append(secret, {"s"});
    const auto outcome = store().begin_commit({&group}).wait();
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(outcome.value.groups.at(0).status, Status::invalid);
    EXPECT_THAT(outcome.value.groups.at(0).message, HasSubstr("short"));
    EXPECT_THAT(outcome.value.groups.at(0).message, Not(HasSubstr("secret")));
}

using PostgresTerminated = Postgres;

/// Whenever the server ends the connection: every answer is the truth.
TEST_F(PostgresTerminated, CommitsAreStoredOnce) {
    constexpr std::uint64_t kEnds = 20;
    store();
    std::atomic<std::uint64_t> stored = 0;
    std::jthread killer([&](const std::stop_token& stop) {
        for (std::uint64_t seen = 0; !stop.stop_requested();) {
            if (stored > seen + 2) {
                seen = stored;
                query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'belfry' AND query LIKE '%\"" +
                    schema() + "\"%'");
            }
        }
    });
    for (std::uint64_t i = 1; store().host.logged("connection given up") < kEnds; stored = i++) {
        const auto id = "n" + std::to_string(i);
        for (;;) {
            Group group;
            group.append(note(id), {"s", "t"}).put("c", id, 0, "x").cursor("s", "d", i, 0);
            const auto outcome = store().begin_commit({&group}).wait();
            if (!outcome.ok()) {
                ASSERT_EQ(outcome.status, Status::unavailable) << outcome.message;
                continue;
            }
            const auto& result = outcome.value.groups.at(0);
            ASSERT_EQ(result.status, Status::ok) << result.message;
            ASSERT_EQ(result.results.at(0).seqs, (std::vector<std::uint64_t>{i, i}));
            break;
        }
    }
    killer.request_stop();
    killer.join();
    EXPECT_EQ(query("SELECT count(*) || ' ' || max(seq) FROM @.entries"),
              std::vector<std::string>{std::to_string(2 * stored) + " " + std::to_string(stored)});
}

}  // namespace
}  // namespace belfry::storage_test
