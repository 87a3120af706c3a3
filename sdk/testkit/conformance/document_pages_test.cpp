// Pages of documents neither miss nor repeat what was there all the time.
#include "sdk/testkit/conformance/kit.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace belfry::conformance {
namespace {

struct Paging {
    const char* name;
    const char* index;
    bool is_backward;
    std::uint64_t limit;
};

void PrintTo(const Paging& paging, std::ostream* out) { *out << paging.name; }

class DocumentPages : public Case, public testing::WithParamInterface<Paging> {
protected:
    static std::string id_of(std::uint64_t number) { return "d" + std::to_string(1'000 + number); }
    void put(std::uint64_t number) {
        // Many share a value.
        store().commit(Group().put("users", id_of(number), BF_VERSION_ANY, "",
                                   {{"k", "k" + std::to_string(number % 7), false}}));
    }
    void remove(std::uint64_t number) {
        store().commit(Group().remove("users", id_of(number), BF_VERSION_ANY));
    }
    /// All pages; `between` runs after each. The last document of a page is where the next begins.
    std::vector<sdk::Document> read(const std::function<void(const sdk::Documents&)>& between) {
        bf_find query{};
        query.collection = sdk::str("users");
        query.index = sdk::str(GetParam().index);
        query.flags = GetParam().is_backward ? BF_READ_BACKWARD : 0;
        query.limit = GetParam().limit;
        std::vector<sdk::Document> all;
        for (bool more = true; more;) {
            if (!all.empty()) {
                query.after_key = sdk::str(all.back().key);
                query.after_id = sdk::str(all.back().id);
            }
            const auto page = store().find(query);
            EXPECT_LE(page.documents.size(), GetParam().limit);
            if (page.more && page.documents.empty()) {
                throw testkit::Failed("find: more, and nothing to go on from");
            }
            between(page);
            more = page.more;
            all.insert(all.end(), page.documents.begin(), page.documents.end());
        }
        return all;
    }
    void expect_order(const std::vector<sdk::Document>& documents) {
        const bool by_id = GetParam().index[0] == '\0';
        const auto place = [by_id](const sdk::Document& document) {
            return by_id ? std::pair(document.id, document.id)
                         : std::pair(document.key, document.id);
        };
        for (std::size_t i = 1; i < documents.size(); ++i) {
            const auto before = place(documents[i - 1]);
            const auto after = place(documents[i]);
            ASSERT_TRUE(GetParam().is_backward ? after < before : before < after)
                << before.second << " before " << after.second;
        }
    }
};

TEST_P(DocumentPages, GiveEverythingOnce) {
    constexpr std::uint64_t kDocuments = 60;
    for (std::uint64_t number = 0; number < kDocuments; ++number) {
        put(number);
    }
    const auto found = read([](const auto&) {});
    EXPECT_EQ(found.size(), kDocuments);
    expect_order(found);
}

TEST_P(DocumentPages, NeitherMissNorRepeatWhileOthersComeAndGo) {
    constexpr std::uint64_t kDocuments = 90;
    std::set<std::string> staying;
    for (std::uint64_t number = 0; number < kDocuments; number += 3) {
        put(number);
        staying.insert(id_of(number));
        put(number + 1);  // these go
    }
    const auto found = read([&](const sdk::Documents& page) {
        // Around where the reader is: the last of the page goes, others come before and behind.
        if (!page.documents.empty()) {
            const auto last = std::stoull(page.documents.back().id.substr(1)) - 1'000;
            if (last % 3 == 1) {
                remove(last);
            }
            put(last / 3 * 3 + 2);
        }
        put(random()() % (kDocuments / 3) * 3 + 2);
        remove(random()() % (kDocuments / 3) * 3 + 1);
    });
    expect_order(found);
    std::map<std::string, int> seen;
    for (const auto& document : found) {
        ++seen[document.id];
    }
    for (const auto& id : staying) {
        EXPECT_EQ(seen[id], 1) << id;
    }
}

TEST_P(DocumentPages, GoOnBehindADocumentThatIsGone) {
    for (std::uint64_t number = 0; number < 30; ++number) {
        put(number);
    }
    std::set<std::string> seen;
    const auto found = read([&](const sdk::Documents& page) {
        for (const auto& document : page.documents) {
            seen.insert(document.id);
            store().commit(Group().remove("users", document.id, BF_VERSION_ANY));
        }
    });
    EXPECT_EQ(found.size(), 30U);
    EXPECT_EQ(seen.size(), 30U);
}

INSTANTIATE_TEST_SUITE_P(In, DocumentPages,
                         testing::Values(Paging{"OrderOfIds", "", false, 4},
                                         Paging{"OrderOfIdsBackward", "", true, 4},
                                         Paging{"OrderOfAnIndex", "k", false, 4},
                                         Paging{"OrderOfAnIndexBackward", "k", true, 4},
                                         Paging{"SingleSteps", "k", false, 1}),
                         [](const auto& paging) { return paging.param.name; });

}  // namespace
}  // namespace belfry::conformance
