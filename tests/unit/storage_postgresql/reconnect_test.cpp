// A server that goes away and comes back.
#include "tests/support/cut_proxy.hpp"
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

TEST_F(PostgresReconnect, ASilentServerDoesNotKeepTheStorageFromStopping) {
    const auto port = address().find("port=") + 5;
    test::CutProxy proxy(std::stoi(address().substr(port)), [](char type, auto content) {
        return type == 'B' && content.contains("heads");
    });
    auto through = address();
    through.replace(port, through.find(' ', port) - port, std::to_string(proxy.port()));
    Store cut(through, schema(), R"(,"readers":1)");
    proxy.arm(test::Cut::silence);
    const bf_str name = sdk::str("s");
    std::vector<Call<sdk::Heads>> calls;
    for (int i = 0; i < 3; ++i) {
        calls.emplace_back(cut.instance, "heads");
        cut.table.heads(cut.instance.handle(), &name, 1, calls.back().done());
    }
    testkit::eventually("it hangs", [&] { return proxy.cuts() == 1; });
    cut.instance.stop();
    for (const auto& call : calls) {
        EXPECT_EQ(call.wait().status, Status::unavailable);
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
