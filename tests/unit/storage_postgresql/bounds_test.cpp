// Values of an index in the order of their bytes, between bounds that may be any bytes.
#include "tests/unit/storage_postgresql/store.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>
#include <tuple>

namespace belfry::storage_test {
namespace {

/// A value and a document's id.
using Place = std::pair<std::string, std::string>;

const std::vector<std::string>& characters() {
    static const std::vector<std::string> all{"\x01",
                                              "a",
                                              "b",
                                              "\x7f",
                                              "\xc2\x80",
                                              "\xdf\xbf",
                                              "\xe0\xa0\x80",
                                              "\xed\x9f\xbf",
                                              "\xee\x80\x80",
                                              "\xef\xbf\xbf",
                                              "\xf0\x90\x80\x80",
                                              "\xf4\x8f\xbf\xbf"};
    return all;
}

class PostgresBounds : public Postgres {
protected:
    std::size_t below(std::size_t end) { return random_() % end; }

    std::string some_text(std::size_t most) {
        std::string text;
        for (auto length = below(most + 1); length > 0; --length) {
            text += characters()[below(characters().size())];
        }
        return text;
    }
    /// Longer than what of a value is in the index of the server, and alike up to its end.
    std::string long_text() {
        std::string text;
        for (int i = 0; i < 249; ++i) {
            text += "\xe0\xa0\x80";
        }
        return text + some_text(4);
    }
    /// Also such as no text has.
    std::string some_bytes() {
        auto bytes = below(4) == 0 ? long_text() : some_text(3);
        for (auto count = below(3); count > 0; --count) {
            bytes += static_cast<char>(below(256));
        }
        return bytes;
    }

    std::set<Place> fill(bool with_long) {
        std::set<Place> places;
        Group group;
        for (int i = 0; i < 120; ++i) {
            const auto id = "d" + std::to_string(i);
            const auto value = with_long && i % 3 == 0 ? long_text() : some_text(3);
            group.put("c", id, BF_VERSION_NONE, {}, {{"k", value}});
            places.emplace(value, id);
        }
        EXPECT_EQ(store().commit(group).status, Status::ok);
        return places;
    }

    std::vector<Place> find_all(bf_find query) {
        std::vector<Place> found;
        Place last;
        for (;;) {
            const auto page = store().find(query);
            for (const auto& document : page.documents) {
                found.emplace_back(document.key, document.id);
            }
            if (!page.more) {
                return found;
            }
            last = found.back();
            query.after_key = sdk::str(last.first);
            query.after_id = sdk::str(last.second);
        }
    }

    std::mt19937_64 random_{42};
};

bool is_between(const std::string& value, const std::string& from, const std::string& to) {
    return (from.empty() || value >= from) && (to.empty() || value < to);
}

TEST_F(PostgresBounds, OfValuesMayBeAnyBytes) {
    const auto places = fill(true);
    for (int round = 0; round < 300; ++round) {
        const auto from = below(4) == 0 ? std::string() : some_bytes();
        const auto to = below(4) == 0 ? std::string() : some_bytes();
        std::vector<Place> expected;
        std::ranges::copy_if(places, std::back_inserter(expected),
                             [&](const Place& place) { return is_between(place.first, from, to); });
        bf_find query{};
        query.collection = sdk::str("c");
        query.index = sdk::str("k");
        query.from = sdk::str(from);
        query.to = sdk::str(to);
        query.limit = 1 + below(50);
        EXPECT_EQ(find_all(query), expected);
        query.flags = BF_READ_BACKWARD;
        std::ranges::reverse(expected);
        EXPECT_EQ(find_all(query), expected);
    }
}

TEST_F(PostgresBounds, OfIdsMayBeAnyBytes) {
    std::set<std::string> ids;
    Group group;
    for (int i = 0; i < 60; ++i) {
        const auto id = "x" + some_text(3);
        if (ids.insert(id).second) {
            group.put("c", id, BF_VERSION_NONE, {});
        }
    }
    ASSERT_EQ(store().commit(group).status, Status::ok);
    for (int round = 0; round < 100; ++round) {
        const auto from = "x" + some_bytes();
        const auto to = "x" + some_bytes();
        std::vector<Place> expected;
        for (const auto& id : ids) {
            if (is_between(id, from, to)) {
                expected.emplace_back(id, id);
            }
        }
        bf_find query{};
        query.collection = sdk::str("c");
        query.from = sdk::str(from);
        query.to = sdk::str(to);
        query.limit = 1 + below(20);
        EXPECT_EQ(find_all(query), expected);
    }
}

TEST_F(PostgresBounds, GoOnBehindPlacesThatThereAreNot) {
    const auto places = fill(false);
    for (int round = 0; round < 300; ++round) {
        const Place after{some_bytes(), some_bytes()};
        if (after.first.empty() && after.second.empty()) {
            continue;  // the start
        }
        std::vector<Place> expected(places.upper_bound(after), places.end());
        bf_find query{};
        query.collection = sdk::str("c");
        query.index = sdk::str("k");
        query.after_key = sdk::str(after.first);
        query.after_id = sdk::str(after.second);
        query.limit = 1'000;
        EXPECT_EQ(find_all(query), expected);
        query.flags = BF_READ_BACKWARD;
        expected.assign(places.begin(), places.lower_bound(after));
        std::ranges::reverse(expected);
        EXPECT_EQ(find_all(query), expected);
    }
}

}  // namespace
}  // namespace belfry::storage_test
