// What trimming leaves in the tables; what it promises is in the storage conformance kit.
#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kDay = 24LL * 3600 * 1'000'000'000;
constexpr bf_op_trim kAll{
    .op = {}, .stream = {}, .older_than = INT64_MAX, .keep = 0, .expired_at = 0, .limit = 9};

class Retention : public testing::Test {
protected:
    void trim(std::string_view stream) { store.commit(Group().trim(kAll, stream)); }
    std::string count(const std::string& table) {
        return query(folder.file("b.db"), "SELECT count(*) FROM " + table).at(0);
    }

    Folder folder;
    Store store{folder.file("b.db")};
};

TEST_F(Retention, ABodyGoesWithItsLastEntry) {
    store.commit(Group().append(note("a"), {"x", "y"}));
    trim("x");
    EXPECT_EQ(count("bodies"), "1");
    EXPECT_EQ(store.read("y").entries.size(), 1U);
    trim("y");
    EXPECT_EQ(count("bodies"), "0");
}

TEST_F(Retention, AnEventIsKnownADayLongerThanItsEntry) {
    auto made = note_of("n1", "src", "e1");
    made.created_at = store.host.now();
    made.data = "secret";
    store.commit(Group().append(made, {"s"}, "h"));
    trim("s");
    EXPECT_TRUE(query(folder.file("b.db"), "SELECT 1 FROM bodies WHERE data <> x''").empty());
    const auto again = store.commit(Group().append(made, {"s"}, "h"));
    EXPECT_EQ(again.results.at(0).status, Status::duplicate);
    EXPECT_EQ(again.results.at(0).id, "n1");
    EXPECT_THAT(again.results.at(0).seqs, ElementsAre(0U));
    store.host.advance(kDay + 1);
    trim("s");
    EXPECT_EQ(count("bodies"), "0");
    EXPECT_EQ(store.commit(Group().append(made, {"s"}, "h")).results.at(0).status, Status::ok);
}

}  // namespace
}  // namespace belfry::storage_test
