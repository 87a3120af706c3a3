// What a load refuses, and what a dump leaves out; everything else, the conformance kit has.
#include "tests/support/cut_proxy.hpp"
#include "tests/unit/storage_postgresql/store.hpp"

#include <gmock/gmock.h>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

sdk::Record body(std::uint64_t ref, const std::string& event = {}) {
    auto sent = std::make_shared<sdk::Notification>(
        note_of("n" + std::to_string(ref), event.empty() ? "" : "source", event));
    return sdk::BodyRecord{0, !event.empty(), ref, 1, "hash", std::move(sent)};
}

sdk::Record stream(const std::string& name, std::uint64_t head) {
    return sdk::StreamRecord{name, 7, 1, head, head};
}

sdk::Record entry(const std::string& name, std::uint64_t seq, std::uint64_t ref) {
    return sdk::EntryRecord{name, seq, ref, 0, 0, 0};
}

sdk::Record document(const std::string& id, const std::string& value, bool is_unique) {
    return sdk::DocumentRecord{"c", {id, 1, "text", id}, {{"k", value, is_unique}}};
}

sdk::Record job(const std::string& id) {
    return sdk::JobRecord{{BF_JOB_PENDING, "q", id, "", 1, 2, 3, "payload", ""}, 4};
}

using PostgresLoad = Postgres;

TEST_F(PostgresLoad, RefusesWhatIsThereAlready) {
    const std::vector<sdk::Record> first{body(5, "e"),
                                         stream("s", 1),
                                         entry("s", 1, 5),
                                         sdk::CursorRecord{"s", {"phone", 1, 1, 1}},
                                         document("d", "v", true),
                                         job("j")};
    ASSERT_TRUE(store().load(first).ok());
    for (const auto& again : {first[0], first[1], first[2], first[3], first[5], body(6, "e"),
                              document("other", "v", false)}) {
        const auto outcome = store().load(std::vector{body(9), stream("t", 1), again});
        EXPECT_EQ(outcome.status, Status::conflict) << again.index() << ": " << outcome.message;
        EXPECT_THAT(outcome.message, HasSubstr("load: "));
    }
    EXPECT_FALSE(store().head("t").exists);
    EXPECT_EQ(store().dump({}, 100).records.size(), first.size());
    EXPECT_TRUE(store().load(std::vector{body(9), stream("t", 1), entry("t", 1, 9)}).ok());
}

TEST_F(PostgresLoad, RefusesEntriesOfNothing) {
    ASSERT_TRUE(store().load(std::vector{body(1), stream("s", 2)}).ok());
    for (const auto& wrong : {entry("s", 2, 2), entry("t", 1, 1)}) {
        const auto outcome = store().load(std::vector{entry("s", 1, 1), wrong});
        EXPECT_EQ(outcome.status, Status::invalid);
        EXPECT_THAT(outcome.message, HasSubstr("2 entries, of which 1 have"));
    }
    EXPECT_THAT(query("SELECT count(*) FROM @.entries"), ElementsAre("0"));
    EXPECT_EQ(store().load(std::vector{stream(std::string("a\0b", 3), 1)}).status, Status::invalid);
    EXPECT_EQ(store().load(std::vector{stream("\xff", 1)}).status, Status::invalid);
}

TEST_F(PostgresLoad, SaysThatItsEndIsNotKnown) {
    const auto port = address().find("port=") + 5;
    test::CutProxy proxy(std::stoi(address().substr(port)), test::is_commit);
    auto through = address();
    through.replace(port, through.find(' ', port) - port, std::to_string(proxy.port()));
    Store cut(through, schema());
    std::uint64_t ref = 0;
    for (const auto how : {test::Cut::request, test::Cut::half, test::Cut::answer}) {
        ++ref;
        proxy.arm(how);
        const auto outcome = cut.load(std::vector{body(ref)});
        EXPECT_EQ(outcome.status, Status::retry);
        EXPECT_THAT(outcome.message, HasSubstr("not known"));
        EXPECT_EQ(cut.dump({}, 10).records.size(), how == test::Cut::answer ? 1U : 0U);
    }
    EXPECT_EQ(proxy.cuts(), 3U);
}

using PostgresDump = Postgres;

TEST_F(PostgresDump, RefusesPlacesThatAreNone) {
    for (const auto* place : {"x", "1", "1:2:3", "0:0::", "7:0::", "1:-1::", "1:1:zz:", "1:1:a:",
                              "3:1:ff:", "1:1:::", "1:99999999999999999999::"}) {
        const Call<sdk::Records> call(store().instance, "dump");
        store().table.dump(store().instance.handle(), sdk::str(place), 1, 1, call.done());
        EXPECT_EQ(call.wait().status, Status::invalid) << place;
    }
}

/// Bodies 1 to 3, of which a stream that was reset has all: 1 is in another one, too, and of 2 the
/// event is remembered.
TEST_F(PostgresDump, LeavesOutWhatAResetHasLeftBehind) {
    ASSERT_TRUE(store()
                    .load(std::vector{body(1), body(2, "e"), body(3), stream("a", 3),
                                      stream("b", 1), entry("a", 1, 1), entry("a", 2, 2),
                                      entry("a", 3, 3), entry("b", 1, 1)})
                    .ok());
    query("UPDATE @.bodies SET refs = 2 WHERE ref = 1");
    query(
        "WITH gone AS (DELETE FROM @.streams WHERE stream = 'a' RETURNING id)"
        " INSERT INTO @.leftovers SELECT id, 1, 3 FROM gone");
    for (const std::uint64_t limit : {1U, 2U, 100U}) {
        std::vector<sdk::Record> records;
        for (std::string after;;) {
            auto page = store().dump(after, limit);
            std::ranges::move(page.records, std::back_inserter(records));
            if (!page.more) {
                break;
            }
            after = page.next;
        }
        ASSERT_EQ(records.size(), 4U) << limit;
        const auto& kept = std::get<sdk::BodyRecord>(records[0]);
        EXPECT_EQ(kept.ref, 1U);
        EXPECT_EQ(kept.entries, 1U);
        EXPECT_EQ(kept.notification->title, "title");
        const auto& remembered = std::get<sdk::BodyRecord>(records[1]);
        EXPECT_EQ(remembered.ref, 2U);
        EXPECT_EQ(remembered.entries, 0U);
        EXPECT_EQ(remembered.notification->title, "");
        EXPECT_EQ(remembered.notification->event_id, "e");
        EXPECT_EQ(std::get<sdk::StreamRecord>(records[2]).stream, "b");
        EXPECT_EQ(std::get<sdk::EntryRecord>(records[3]).stream, "b");
    }
}

}  // namespace
}  // namespace belfry::storage_test
