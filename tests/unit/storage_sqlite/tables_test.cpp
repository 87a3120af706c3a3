// What people see in the file, and how it is kept small.
#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;

class Tables : public testing::Test {
protected:
    Folder folder;
    std::string path = folder.file("b.db");
    Store store{path};
};

TEST_F(Tables, AFanOutWritesOneBody) {
    std::vector<std::string> streams;
    for (int i = 0; i < 5'000; ++i) {
        streams.push_back("user:" + std::to_string(i));
    }
    store.commit(Group().append(note("all"), streams));
    EXPECT_THAT(query(path, "SELECT count(*) FROM bodies"), ElementsAre("1"));
    testkit::eventually("the entries have their rows", [&] {
        return query(path, "SELECT count(*) FROM entries").at(0) == "5000";
    });
    EXPECT_THAT(query(path, "SELECT sum(head), sum(unread) FROM streams"), ElementsAre("5000"));
}

TEST_F(Tables, ShowPeopleTheirNotifications) {
    store.append("user:1", "mine");
    store.append("user:12", "not mine");
    store.commit(Group().mark("user:1", BF_STATE_READ, 0, {1}));
    EXPECT_THAT(query(path, "SELECT id || ' ' || read FROM notifications WHERE user_id = 1"),
                ElementsAre("mine 1"));
    EXPECT_THAT(query(path, "SELECT id FROM notifications WHERE user_id = '12'"),
                ElementsAre("not mine"));
}

}  // namespace
}  // namespace belfry::storage_test
