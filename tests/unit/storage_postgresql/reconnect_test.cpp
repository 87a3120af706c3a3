// A server that goes away and comes back.
#include "tests/unit/storage_postgresql/store.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace belfry::storage_test {
namespace {

using testing::HasSubstr;

Outcome<sdk::Heads> ask(Store& store) {
    const Call<sdk::Heads> call(store.instance, "heads");
    const bf_str name = sdk::str("s");
    store.table.heads(store.instance.handle(), &name, 1, call.done());
    return call.wait();
}

using PostgresReconnect = Postgres;

TEST_F(PostgresReconnect, ReadsDoNotNoticeThatConnectionsWereEnded) {
    store().append("s", "n");
    for (int i = 0; i < 10; ++i) {
        query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'belfry' AND query LIKE '%\"" +
            schema() + "\"%'");
        const auto outcome = ask(store());
        ASSERT_TRUE(outcome.ok()) << outcome.message;
        EXPECT_EQ(outcome.value.heads.at(0).head, 1U);
    }
}

class PostgresOutage : public testing::Test {
protected:
    void SetUp() override {
        if (!test::postgres_address()) {
            GTEST_SKIP() << "no PostgreSQL server; ctest starts one where it is installed";
        }
        server_.emplace();
    }
    std::optional<PostgresServer> server_;
};

TEST_F(PostgresOutage, FailsReadsUntilTheServerIsBack) {
    Store store(server_->address(), "belfry");
    store.append("s", "n");
    for (int round = 0; round < 3; ++round) {
        server_->kill();
        const auto outcome = ask(store);
        EXPECT_EQ(outcome.status, Status::unavailable);
        EXPECT_GT(outcome.retry_after, 0);
        EXPECT_THAT(outcome.message, HasSubstr("127.0.0.1"));
        server_->start();
        testkit::eventually("it reads again", [&] { return ask(store).ok(); });
        EXPECT_EQ(ask(store).value.heads.at(0).head, 1U);
    }
}

TEST_F(PostgresOutage, AnswersEveryRead) {
    Store store(server_->address(), "belfry", R"(,"readers":3)");
    store.append("s", "n");
    std::atomic<bool> ending = false;
    std::atomic<int> good = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&] {
            while (!ending) {
                const auto outcome = ask(store);
                EXPECT_TRUE(outcome.ok() || outcome.status == Status::unavailable);
                good += outcome.ok() ? 1 : 0;
            }
        });
    }
    for (int round = 0; round < 3; ++round) {
        const int before = good;
        testkit::eventually("reads", [&] { return good > before + 20; });
        server_->kill();
        server_->start();
    }
    const int before = good;
    testkit::eventually("reads again", [&] { return good > before + 20; });
    ending = true;
    for (auto& client : clients) {
        client.join();
    }
}

TEST_F(PostgresOutage, DoesNotKeepTheStorageFromStopping) {
    Store store(server_->address(), "belfry");
    server_->kill();
    EXPECT_EQ(ask(store).status, Status::unavailable);
    store.instance.stop();
}

}  // namespace
}  // namespace belfry::storage_test
