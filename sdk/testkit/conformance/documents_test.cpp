// Collections: versions, unique values, ranges.
#include "sdk/testkit/conformance/kit.hpp"

#include <algorithm>

namespace belfry::conformance {
namespace {

class Documents : public Case {
protected:
    static bf_find query(std::string_view index, std::uint64_t limit = 100) {
        bf_find query{};
        query.collection = sdk::str("users");
        query.index = sdk::str(index);
        query.limit = limit;
        return query;
    }
    std::string ids(const bf_find& query) {
        std::string all;
        for (const auto& document : store().find(query).documents) {
            all += document.id + " ";
        }
        return all;
    }
    Status put(const std::string& id, std::uint64_t version, const std::string& document,
               std::vector<sdk::Key> keys = {}) {
        const auto result = store().commit(Group().put("users", id, version, document, keys));
        last_message = result.message;
        if (result.status == Status::ok) {
            EXPECT_EQ(result.results.at(0).value[0], store().get("users", id).value.version);
        }
        return result.status;
    }
    Status remove(const std::string& id, std::uint64_t version) {
        return store().commit(Group().remove("users", id, version)).status;
    }

    std::string last_message;
};

TEST_F(Documents, CompareAndSet) {
    EXPECT_EQ(put("1", BF_VERSION_NONE, "one"), Status::ok);
    EXPECT_EQ(store().get("users", "1").value.version, 1U);
    EXPECT_EQ(put("1", BF_VERSION_NONE, "x"), Status::conflict);
    EXPECT_EQ(put("1", 7, "x"), Status::conflict);
    EXPECT_EQ(put("2", 1, "x"), Status::conflict);
    EXPECT_EQ(store().get("users", "2").status, Status::not_found);
    EXPECT_EQ(put("1", 1, "two"), Status::ok);
    EXPECT_EQ(put("1", 1, "x"), Status::conflict);
    EXPECT_EQ(put("1", BF_VERSION_ANY, "three"), Status::ok);
    EXPECT_EQ(put("3", BF_VERSION_ANY, "new"), Status::ok);
    restart();
    const auto found = store().get("users", "1").value;
    EXPECT_EQ(found.document, "three");
    EXPECT_EQ(found.version, 3U);
    EXPECT_EQ(found.id, "1");
    EXPECT_EQ(found.key, "1");
    EXPECT_EQ(store().get("users", "3").value.version, 1U);
}

TEST_F(Documents, AreDeletedInTheVersionRead) {
    put("1", 0, "one");
    put("1", 1, "two");
    EXPECT_EQ(remove("1", 1), Status::conflict);
    EXPECT_EQ(remove("1", 2), Status::ok);
    EXPECT_EQ(store().get("users", "1").status, Status::not_found);
    EXPECT_EQ(remove("1", 2), Status::not_found);
    EXPECT_EQ(remove("1", BF_VERSION_ANY), Status::not_found);
    EXPECT_EQ(put("1", BF_VERSION_NONE, "again"), Status::ok);
    EXPECT_EQ(store().get("users", "1").value.version, 1U);
    EXPECT_EQ(remove("1", BF_VERSION_ANY), Status::ok);
    EXPECT_EQ(ids(query("")), "");
}

TEST_F(Documents, LiveInTheirCollection) {
    put("1", 0, "user", {{"mail", "a@b", true}});
    EXPECT_EQ(
        store().commit(Group().put("things", "1", 0, "thing", {{"mail", "a@b", true}})).status,
        Status::ok);
    EXPECT_EQ(store().get("things", "1").value.document, "thing");
    EXPECT_EQ(store().get("Users", "1").status, Status::not_found);
    EXPECT_EQ(store().get("nothing", "1").status, Status::not_found);
    EXPECT_EQ(remove("1", 1), Status::ok);
    EXPECT_EQ(store().get("things", "1").value.document, "thing");
    EXPECT_EQ(ids(query("mail")), "");
}

TEST_F(Documents, UniqueValuesHaveOneOwner) {
    put("1", 0, "", {{"mail", "a@b", true}, {"age", "7", false}});
    EXPECT_EQ(put("2", 0, "", {{"age", "7", false}, {"mail", "a@b", true}}), Status::conflict);
    EXPECT_NE(last_message.find("mail"), std::string::npos) << last_message;
    EXPECT_EQ(put("2", 0, "", {{"mail", "a@b", false}}), Status::conflict);
    EXPECT_EQ(put("2", 0, "", {{"age", "7", true}}), Status::conflict);
    EXPECT_NE(last_message.find("age"), std::string::npos) << last_message;
    EXPECT_EQ(put("2", 0, "", {{"other", "a@b", true}, {"mail", "A@b", true}}), Status::ok);
    EXPECT_EQ(put("3", 0, "", {{"age", "7", false}}), Status::ok);
    EXPECT_EQ(ids(query("age")), "1 3 ");
    EXPECT_EQ(put("2", 1, "", {{"mail", "a@b", true}}), Status::conflict);
    EXPECT_EQ(ids(query("other")), "2 ");  // as it was
}

TEST_F(Documents, GiveUpTheirValues) {
    put("1", 0, "", {{"mail", "a@b", true}, {"age", "7", false}});
    EXPECT_EQ(put("1", 1, "", {{"mail", "a@b", true}}), Status::ok);  // its own is no obstacle
    EXPECT_EQ(ids(query("age")), "");
    EXPECT_EQ(put("1", 2, "", {{"mail", "c@d", true}}), Status::ok);
    EXPECT_EQ(put("2", 0, "", {{"mail", "a@b", true}}), Status::ok);
    EXPECT_EQ(remove("1", 3), Status::ok);
    EXPECT_EQ(put("2", 1, "", {{"mail", "c@d", true}}), Status::ok);
    EXPECT_EQ(put("2", 2, "", {}), Status::ok);
    EXPECT_EQ(put("3", 0, "", {{"mail", "c@d", true}}), Status::ok);
    EXPECT_EQ(ids(query("mail")), "3 ");
}

TEST_F(Documents, PassAValueOnWithinOneGroup) {
    put("1", 0, "", {{"mail", "a@b", true}});
    EXPECT_EQ(
        store()
            .commit(
                Group().put("users", "2", 0, "", {{"mail", "a@b", true}}).remove("users", "1", 1))
            .status,
        Status::conflict);
    EXPECT_EQ(
        store()
            .commit(
                Group().remove("users", "1", 1).put("users", "2", 0, "", {{"mail", "a@b", true}}))
            .status,
        Status::ok);
    EXPECT_EQ(store()
                  .commit(Group()
                              .put("users", "2", 1, "", {{"mail", "c@d", true}})
                              .put("users", "3", 0, "", {{"mail", "a@b", true}})
                              .put("users", "2", 2, "", {{"mail", "e@f", true}})
                              .put("users", "4", 0, "", {{"mail", "c@d", true}}))
                  .status,
              Status::ok);
    EXPECT_EQ(ids(query("mail")), "3 4 2 ");
}

TEST_F(Documents, MayHaveSeveralValuesInAnIndex) {
    put("1", 0, "one", {{"tag", "a", false}, {"tag", "c", false}});
    put("2", 0, "two", {{"tag", "b", false}, {"tag", "c", false}});
    EXPECT_EQ(ids(query("tag")), "1 2 1 2 ");
    EXPECT_EQ(store().find(query("tag")).documents.at(2).key, "c");
    put("1", 1, "one", {{"tag", "b", false}});
    EXPECT_EQ(ids(query("tag")), "1 2 2 ");
}

// Not the order of any language: by bytes, and a prefix before what is longer.
const std::vector<std::string>& ordered() {
    static const std::vector<std::string> values{
        "",   "A",  "B",         "Z", "a", "a ",       "a-b",      "a1",
        "aB", "ab", "a\xc3\xa9", "b", "z", "\xc3\x84", "\xc3\xa9", "\xf0\x9f\x94\x94"};
    return values;
}

TEST_F(Documents, AreFoundInTheOrderOfBytes) {
    auto values = ordered();
    std::ranges::shuffle(values, random());
    for (const auto& value : values) {
        ASSERT_EQ(put("id " + value, 0, "", {{"k", value, true}}), Status::ok);
    }
    std::string expected;
    std::string turned;
    for (const auto& value : ordered()) {
        expected += "id " + value + " ";
        turned.insert(0, "id " + value + " ");
    }
    for (const auto* index : {"", "k"}) {
        auto asked = query(index);
        EXPECT_EQ(ids(asked), expected);
        asked.flags = BF_READ_BACKWARD;
        EXPECT_EQ(ids(asked), turned);
    }
}

TEST_F(Documents, AreFoundInRanges) {
    for (const auto& value : ordered()) {
        put("id " + value, 0, "", {{"k", value, false}});
    }
    const auto expect = [&](const std::string& from, const std::string& to) {
        std::string expected;
        std::string turned;
        for (const auto& value : ordered()) {
            if (value >= from && (to.empty() || value < to)) {
                expected += "id " + value + " ";
                turned.insert(0, "id " + value + " ");
            }
        }
        auto asked = query("k");
        asked.from = sdk::str(from);
        asked.to = sdk::str(to);
        EXPECT_EQ(ids(asked), expected) << from << " to " << to;
        asked.flags = BF_READ_BACKWARD;
        EXPECT_EQ(ids(asked), turned) << from << " to " << to << ", backward";
    };
    for (const auto& from : ordered()) {
        for (const auto& to : ordered()) {
            expect(from, to);
        }
    }
    expect("a\x01", "a\x7f");
    expect("", "\xf0\x9f\x94\x95");
    expect("\xf0\x9f\x94\x95", "");
    auto asked = query("");
    const std::string from = "id a";
    const std::string to = "id ab";
    asked.from = sdk::str(from);
    asked.to = sdk::str(to);
    EXPECT_EQ(ids(asked), "id a id a  id a-b id a1 id aB ");
}

}  // namespace
}  // namespace belfry::conformance
