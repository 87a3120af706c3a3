// Events that are remembered in memory, and those that are in runs.
#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;

constexpr int kEvents = 3'000;
constexpr int kEventCalls = 30;
constexpr std::int64_t kOneDay = 24LL * 3600 * 1'000'000'000;

class Events : public testing::Test {
protected:
    Events() { restart(); }

    void restart() {
        store.reset();
        store.emplace(path, R"(,"recent_events":64)");
    }
    sdk::Notification event(int number) {
        auto made =
            note_of("n" + std::to_string(number), "source", "event " + std::to_string(number));
        made.created_at = store->host.now();
        return made;
    }
    /// A part of all events -> their results.
    std::vector<sdk::GroupResult> send(int call, std::string_view hash) {
        constexpr int kEach = kEvents / kEventCalls;
        std::vector<Group> groups(kEach);
        std::vector<const Group*> pointers;
        for (int i = 0; i < kEach; ++i) {
            auto& group = groups[static_cast<std::size_t>(i)];
            group.append(event(call * kEach + i), {"stream:" + std::to_string(i)}, hash);
            pointers.push_back(&group);
        }
        return store->commit_all(pointers);
    }
    void send_all(std::string_view hash, Status expected) {
        for (int call = 0; call < kEventCalls; ++call) {
            for (const auto& result : send(call, hash)) {
                const auto status =
                    result.results.empty() ? result.status : result.results[0].status;
                ASSERT_EQ(status, expected) << result.message;
            }
        }
    }

    Folder folder;
    std::string path = folder.file("b.db");
    std::optional<Store> store;
};

TEST_F(Events, AreKnownWhereverTheyAre) {
    send_all("hash", Status::ok);
    send_all("hash", Status::duplicate);
    send_all("other", Status::conflict);
    restart();
    send_all("hash", Status::duplicate);
    const auto again = send(7, "hash");
    EXPECT_EQ(again[5].results.at(0).id, "n705");
    EXPECT_THAT(again[5].results.at(0).seqs, ElementsAre(8U));
    EXPECT_EQ(store->stats().entries, static_cast<std::uint64_t>(kEvents));
}

TEST_F(Events, BecomeFewerRuns) {
    send_all("hash", Status::ok);
    testkit::eventually("runs have become one", [&] {
        return query(path, "SELECT count(*) FROM event_runs WHERE level >= 2") !=
                   std::vector<std::string>{"0"} &&
               query(path, "SELECT count(*) FROM event_runs WHERE is_gone = 1") ==
                   std::vector<std::string>{"0"};
    });
    const auto runs = std::stoi(query(path, "SELECT count(*) FROM event_runs").at(0));
    EXPECT_LT(runs, 12);
    EXPECT_THAT(query(path,
                      "SELECT count(*) FROM event_blocks WHERE block >> 32 NOT IN"
                      " (SELECT run FROM event_runs)"),
                ElementsAre("0"));
    send_all("hash", Status::duplicate);
}

TEST_F(Events, AreForgottenWithTheirBodies) {
    send_all("hash", Status::ok);
    store->host.advance(kOneDay + 1);
    bf_op_trim all{};
    all.older_than = INT64_MAX;
    all.limit = 1'000;
    for (std::uint64_t more = 1; more != 0;) {
        more = store->commit(Group().trim(all)).results.at(0).value[1];
    }
    EXPECT_THAT(query(path, "SELECT count(*) FROM bodies"), ElementsAre("0"));
    send_all("other", Status::ok);
    restart();
    send_all("other", Status::duplicate);
}

TEST_F(Events, OfAGroupThatFailsAreNot) {
    store->commit(Group().put("c", "d", 0, ""));
    Group failing;
    failing.append(event(1), {"s"}, "hash").append(event(2), {"s"}, "hash").put("c", "d", 0, "");
    EXPECT_EQ(store->commit(failing).status, Status::conflict);
    EXPECT_EQ(store->commit(Group().append(event(2), {"s"}, "other")).results.at(0).status,
              Status::ok);
    EXPECT_EQ(store->commit(Group().append(event(1), {"s"}, "other")).results.at(0).status,
              Status::ok);
    EXPECT_EQ(store->head("s").head, 2U);
}

}  // namespace
}  // namespace belfry::storage_test
