#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

#include <set>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Documents : public testing::Test {
protected:
    bf_find query_of(std::string_view index, std::uint64_t limit = 100) {
        bf_find query{};
        query.collection = sdk::str("users");
        query.index = sdk::str(index);
        query.limit = limit;
        return query;
    }
    std::string ids(const bf_find& query) {
        std::string all;
        for (const auto& document : store.find(query).documents) {
            all += document.id + " ";
        }
        return all;
    }

    Folder folder;
    Store store{folder.file("b.db")};
};

TEST_F(Documents, CompareAndSet) {
    const std::string bytes("\0\xff{}", 4);
    EXPECT_EQ(store.commit(Group().put("users", "1", 0, bytes)).results[0].value[0], 1U);
    EXPECT_EQ(store.get("users", "1").value.document, bytes);
    EXPECT_EQ(store.get("users", "1").value.version, 1U);
    EXPECT_EQ(store.commit(Group().put("users", "1", 0, "x")).status, Status::conflict);
    EXPECT_EQ(store.commit(Group().put("users", "1", 7, "x")).status, Status::conflict);
    EXPECT_EQ(store.commit(Group().put("users", "2", 1, "x")).status, Status::conflict);
    EXPECT_EQ(store.commit(Group().put("users", "1", 1, "2")).results[0].value[0], 2U);
    EXPECT_EQ(store.commit(Group().put("users", "1", BF_VERSION_ANY, "3")).results[0].value[0], 3U);
    EXPECT_EQ(store.commit(Group().remove("users", "1", 2)).status, Status::conflict);
    EXPECT_EQ(store.commit(Group().remove("users", "1", 3)).status, Status::ok);
    EXPECT_EQ(store.get("users", "1").status, Status::not_found);
    EXPECT_EQ(store.commit(Group().remove("users", "1", BF_VERSION_ANY)).status, Status::not_found);
}

TEST_F(Documents, UniqueKeysHaveOneOwner) {
    store.commit(Group().put("users", "1", 0, "", {{"email", "a@b", true}, {"age", "7"}}));
    const auto result =
        store.commit(Group().put("users", "2", 0, "", {{"age", "7"}, {"email", "a@b", true}}));
    EXPECT_EQ(result.status, Status::conflict);
    EXPECT_THAT(result.message, HasSubstr("email"));
    EXPECT_EQ(store.commit(Group().put("users", "2", 0, "", {{"email", "a@b"}})).status,
              Status::conflict);
    EXPECT_EQ(store.commit(Group().put("others", "2", 0, "", {{"email", "a@b", true}})).status,
              Status::ok);
    // Its own key is no obstacle, and what it gives up is free.
    EXPECT_EQ(store.commit(Group().put("users", "1", 1, "", {{"email", "a@b", true}})).status,
              Status::ok);
    EXPECT_EQ(ids(query_of("age")), "");
    EXPECT_EQ(store.commit(Group().put("users", "1", 2, "", {{"email", "c@d", true}})).status,
              Status::ok);
    EXPECT_EQ(store.commit(Group().put("users", "2", 0, "", {{"email", "a@b", true}})).status,
              Status::ok);
    EXPECT_EQ(store.commit(Group().remove("users", "1", BF_VERSION_ANY)).status, Status::ok);
    EXPECT_EQ(ids(query_of("email")), "2 ");
}

TEST_F(Documents, AreFoundInTheOrderOfBytes) {
    store.commit(Group()
                     .put("users", "c", 0, "", {{"k", "b"}})
                     .put("users", "a", 0, "", {{"k", std::string("b\0", 2)}})
                     .put("users", "b", 0, "", {{"k", "\xff"}})
                     .put("users", "d", 0, "", {{"k", "b"}})
                     .put("users", "e", 0, "", {{"k", ""}})
                     .put("elsewhere", "z", 0, "", {{"k", "b"}}));
    EXPECT_EQ(ids(query_of("")), "a b c d e ");
    EXPECT_EQ(ids(query_of("k")), "e c d a b ");
    auto query = query_of("k");
    query.from = sdk::str("b");
    query.to = sdk::str("c");
    EXPECT_EQ(ids(query), "c d a ");
    query.flags = BF_READ_BACKWARD;
    EXPECT_EQ(ids(query), "a d c ");
    query = query_of("");
    query.from = sdk::str("b");
    query.to = sdk::str("d");
    EXPECT_EQ(ids(query), "b c ");
    query.flags = BF_READ_BACKWARD;
    EXPECT_EQ(ids(query), "c b ");
    EXPECT_EQ(store.find(query_of("k")).documents.at(0).key, "");
    EXPECT_EQ(store.find(query_of("k")).documents.at(1).key, "b");
    EXPECT_EQ(store.find(query_of("")).documents.at(1).key, "b");
}

struct Paging {
    std::string index;
    bool backward;
};

class DocumentPages : public Documents, public testing::WithParamInterface<Paging> {};

TEST_P(DocumentPages, NeitherMissNorRepeatWhileOthersInsert) {
    const auto put = [&](int number) {
        const auto id = "d" + std::to_string(1'000 + number);
        const auto key = "k" + std::to_string(number % 10);  // many share a key
        store.commit(Group().put("users", id, 0, "", {{"k", key}}));
    };
    std::set<std::string> expected;
    for (int i = 0; i < 120; i += 2) {
        put(i);
        expected.insert("d" + std::to_string(1'000 + i));
    }
    auto query = query_of(GetParam().index, 7);
    query.flags = GetParam().backward ? BF_READ_BACKWARD : 0;
    std::multiset<std::string> seen;
    sdk::Documents page;
    for (int number = 1; page.documents.empty() || page.more; number += 14) {
        if (!page.documents.empty()) {
            query.after_key = sdk::str(page.documents.back().key);
            query.after_id = sdk::str(page.documents.back().id);
        }
        auto next = store.find(query);
        page = std::move(next);
        for (const auto& document : page.documents) {
            seen.insert(document.id);
        }
        put(number);
    }
    for (const auto& id : expected) {
        EXPECT_EQ(seen.count(id), 1U) << id;
    }
    EXPECT_EQ(seen.size(), std::set(seen.begin(), seen.end()).size());
}

INSTANTIATE_TEST_SUITE_P(Orders, DocumentPages,
                         testing::Values(Paging{"", false}, Paging{"", true}, Paging{"k", false},
                                         Paging{"k", true}));

}  // namespace
}  // namespace belfry::storage_test
