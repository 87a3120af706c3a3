// Streams: numbers without holes, epochs, heads, names in order.
#include "sdk/testkit/conformance/kit.hpp"

#include <algorithm>
#include <set>

namespace belfry::conformance {
namespace {

using Streams = Case;

TEST_F(Streams, AreNumberedFromOneWithoutHoles) {
    const auto first = store().commit(
        Group().append(note("a"), {"x", "y"}).append(note("b"), {"y"}).append(note("c"), {"x"}));
    ASSERT_EQ(first.status, Status::ok);
    EXPECT_EQ(first.results[0].id, "a");
    EXPECT_EQ(first.results[0].seqs, (Seqs{1, 1}));
    EXPECT_EQ(first.results[1].seqs, (Seqs{2}));
    EXPECT_EQ(first.results[2].seqs, (Seqs{2}));
    for (std::uint64_t seq = 3; seq <= 30; ++seq) {
        EXPECT_EQ(store().append("y", "n"), seq);
        if (seq % 10 == 0) {
            restart();
        }
    }
    EXPECT_EQ(read_all(store(), query_of("y", 7)).size(), 30U);
    EXPECT_EQ(read_all(store(), query_of("y")).back().seq, 30U);
}

TEST_F(Streams, HaveAnEpochThatStays) {
    const auto result = store().commit(Group().append(note("a"), {"x", "y", "z"}));
    const auto epochs = result.results.at(0).epochs;
    ASSERT_EQ(epochs.size(), 3U);
    EXPECT_EQ(std::ranges::count(epochs, 0U), 0);
    EXPECT_EQ(store().commit(Group().append(note("b"), {"y"})).results.at(0).epochs,
              (Seqs{epochs[1]}));
    restart();
    EXPECT_EQ(store().head("x").epoch, epochs[0]);
    EXPECT_EQ(store().head("y").epoch, epochs[1]);
    EXPECT_EQ(store().read("z").head.epoch, epochs[2]);
    EXPECT_EQ(store().commit(Group().append(note("c"), {"z"})).results.at(0).epochs,
              (Seqs{epochs[2]}));
}

TEST_F(Streams, HeadsAreAnsweredAsAsked) {
    store().commit(Group().append(note("a"), {"b", "a"}).append(note("b"), {"a"}));
    const auto heads = store().heads({"b", "nobody", "a", "b", ""});
    EXPECT_EQ(heads[0].stream, "b");
    EXPECT_EQ(heads[0].head, 1U);
    EXPECT_EQ(heads[1].stream, "nobody");
    EXPECT_FALSE(heads[1].exists);
    EXPECT_EQ(heads[2].stream, "a");
    EXPECT_TRUE(heads[2].exists);
    EXPECT_EQ(heads[2].head, 2U);
    EXPECT_EQ(heads[2].earliest, 1U);
    EXPECT_EQ(heads[2].unread, 2U);
    EXPECT_EQ(heads[3].head, 1U);
    EXPECT_EQ(heads[3].epoch, heads[0].epoch);
    EXPECT_FALSE(heads[4].exists);
    EXPECT_TRUE(store().heads({}).empty());
}

TEST_F(Streams, ThatAreNotThereCanBeRead) {
    const auto page = store().read("nobody");
    EXPECT_FALSE(page.head.exists);
    EXPECT_EQ(page.head.stream, "nobody");
    EXPECT_TRUE(page.entries.empty());
    EXPECT_FALSE(page.more);
    EXPECT_TRUE(store().cursors("nobody").cursors.empty());
    EXPECT_TRUE(store().cursor("nobody", "phone").cursors.empty());
    const auto marked = store().commit(Group().mark("nobody", BF_STATE_READ, 0, {1}, 9));
    ASSERT_EQ(marked.status, Status::ok);
    EXPECT_EQ(marked.results.at(0).count, 0U);
    const auto trimmed = store().commit(Group().trim(
        {.op = {}, .stream = {}, .older_than = 0, .keep = 1, .expired_at = 0, .limit = 9},
        "nobody"));
    ASSERT_EQ(trimmed.status, Status::ok);
    EXPECT_EQ(trimmed.results.at(0).value[0], 0U);
    EXPECT_FALSE(store().head("nobody").exists);
    EXPECT_TRUE(store().streams("", 10).empty());
}

TEST_F(Streams, AreListedInTheOrderOfTheirBytes) {
    // Not the order of any language: capitals first, accents last, a prefix before what is longer.
    const std::vector<std::string> ordered{"A",
                                           "B",
                                           "Z",
                                           "a",
                                           "a ",
                                           "a-b",
                                           "a1",
                                           "aB",
                                           "a_b",
                                           "ab",
                                           "ab1",
                                           "abc",
                                           "a\x7f",
                                           "b",
                                           "user:1",
                                           "user:10",
                                           "user:2",
                                           "z",
                                           "\xc3\x84",
                                           "\xc3\xa9",
                                           "\xe2\x82\xac",
                                           "\xf0\x9f\x94\x94"};
    auto shuffled = ordered;
    std::ranges::shuffle(shuffled, random());
    store().commit(Group().append(note("a"), shuffled));
    for (const std::uint64_t limit : {1U, 2U, 5U, 100U}) {
        std::vector<std::string> names;
        for (auto page = store().streams("", limit); !page.empty();
             page = store().streams(names.back(), limit)) {
            ASSERT_LE(page.size(), limit);
            for (const auto& head : page) {
                EXPECT_TRUE(head.exists);
                EXPECT_EQ(head.head, 1U);
                names.push_back(head.stream);
            }
        }
        EXPECT_EQ(names, ordered);
    }
    EXPECT_EQ(store().streams("ab0", 1).at(0).stream, "ab1");
    EXPECT_TRUE(store().streams("\xf0\x9f\x94\x95", 10).empty());
}

TEST_F(Streams, NamedTwiceInAnAppendAreInvalid) {
    EXPECT_EQ(store().commit(Group().append(note("a"), {"x", "y", "x"})).status, Status::invalid);
    EXPECT_EQ(store().commit(Group().append(note("a"), {"x", "x"})).status, Status::invalid);
    EXPECT_FALSE(store().head("x").exists);
}

TEST_F(Streams, OfAFanOutHaveOneEntryEach) {
    constexpr std::size_t kStreams = 10'000;
    std::vector<std::string> streams;
    for (std::size_t i = 0; i < kStreams; ++i) {
        streams.push_back("user:" + std::to_string(i));
    }
    std::ranges::shuffle(streams, random());
    store().commit(Group().append(note("before"), {streams[17], streams[18]}));
    const auto result = store().commit(Group().append(note("all"), streams));
    ASSERT_EQ(result.status, Status::ok) << result.message;
    const auto& seqs = result.results.at(0).seqs;
    const auto& epochs = result.results.at(0).epochs;
    ASSERT_EQ(seqs.size(), kStreams);
    ASSERT_EQ(epochs.size(), kStreams);
    const auto heads = store().heads(streams);
    for (std::size_t i = 0; i < kStreams; ++i) {
        const std::uint64_t expected = i == 17 || i == 18 ? 2 : 1;
        ASSERT_EQ(seqs[i], expected);
        ASSERT_EQ(heads[i].stream, streams[i]);
        ASSERT_EQ(heads[i].head, expected);
        ASSERT_EQ(heads[i].unread, expected);
        ASSERT_EQ(heads[i].epoch, epochs[i]);
    }
    for (const std::size_t i : {std::size_t{0}, std::size_t{18}, kStreams - 1}) {
        EXPECT_EQ(store().read(streams[i]).entries.back().notification->id, "all");
    }
    const auto stats = store().stats();
    EXPECT_EQ(stats.streams, kStreams);
    EXPECT_EQ(stats.entries, kStreams + 2);
}

TEST_F(Streams, OfAFanOutThatFailsHaveNothing) {
    std::vector<std::string> streams;
    for (int i = 0; i < 2'000; ++i) {
        streams.push_back("user:" + std::to_string(i));
    }
    store().append("user:7", "first");
    const auto result =
        store().commit(Group().append(note("all"), streams).remove("c", "missing", BF_VERSION_ANY));
    EXPECT_EQ(result.status, Status::not_found);
    EXPECT_EQ(store().streams("", 10).size(), 1U);
    EXPECT_EQ(store().head("user:7").head, 1U);
}

TEST_F(Streams, StatsCountWhatIsThere) {
    EXPECT_EQ(store().stats().streams, 0U);
    store().commit(Group().append(note("a"), {"x", "y"}).append(note("b"), {"y"}));
    const auto stats = store().stats();
    EXPECT_EQ(stats.streams, 2U);
    EXPECT_EQ(stats.entries, 3U);
    EXPECT_GT(stats.bytes, 0U);
    EXPECT_FALSE(stats.durability.empty());
}

}  // namespace
}  // namespace belfry::conformance
