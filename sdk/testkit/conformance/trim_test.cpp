// Forgetting: by age, by count, by expiry; and starting anew.
#include "sdk/testkit/conformance/kit.hpp"

namespace belfry::conformance {
namespace {

constexpr bf_op_trim kNothing{};

bf_op_trim older_than(std::int64_t time, std::uint64_t limit = 1'000) {
    auto op = kNothing;
    op.older_than = time;
    op.limit = limit;
    return op;
}

bf_op_trim keep(std::uint64_t count, std::uint64_t limit = 1'000) {
    auto op = kNothing;
    op.keep = count;
    op.limit = limit;
    return op;
}

bf_op_trim expired_at(std::int64_t time, std::uint64_t limit = 1'000) {
    auto op = kNothing;
    op.expired_at = time;
    op.limit = limit;
    return op;
}

class Trims : public Case {
protected:
    /// Entries of the times 100, 200, 300 ...
    void fill_in_time(const std::string& stream, std::uint64_t count) {
        fill(store(), stream, count, [&](std::uint64_t number) {
            auto sent = note(stream + std::to_string(number));
            sent.created_at = static_cast<std::int64_t>(number) * 100;
            return sent;
        });
    }
    std::array<std::uint64_t, 2> trim_once(const bf_op_trim& bounds, std::string_view stream) {
        const auto result = store().commit(Group().trim(bounds, stream));
        EXPECT_EQ(result.status, Status::ok) << result.message;
        EXPECT_LE(result.results.at(0).value[0], bounds.limit);
        return result.results.at(0).value;
    }
    /// Until there is no more -> how many went.
    std::uint64_t trim(const bf_op_trim& bounds, std::string_view stream = {}) {
        std::uint64_t removed = 0;
        for (int calls = 0; calls < 10'000; ++calls) {
            const auto value = trim_once(bounds, stream);
            removed += value[0];
            if (value[1] == 0) {
                return removed;
            }
        }
        throw testkit::Failed("trim: there is always more");
    }
    void expect_stream(const std::string& stream, std::uint64_t earliest, std::uint64_t head) {
        const auto page = store().read(stream);
        EXPECT_EQ(page.head.earliest, earliest) << stream;
        EXPECT_EQ(page.head.head, head) << stream;
        EXPECT_EQ(page.head.unread, unread_of(page.entries)) << stream;
        Seqs seqs;
        for (auto seq = earliest; seq <= head; ++seq) {
            seqs.push_back(seq);
        }
        EXPECT_EQ(seqs_of(page.entries), seqs) << stream;
        EXPECT_EQ(store().head(stream).earliest, earliest) << stream;
    }
};

TEST_F(Trims, ForgetWhatIsOlder) {
    fill_in_time("s", 10);
    EXPECT_EQ(trim(older_than(100), "s"), 0U);
    EXPECT_EQ(trim(older_than(101), "s"), 1U);
    expect_stream("s", 2, 10);
    EXPECT_EQ(trim(older_than(800), "s"), 6U);
    expect_stream("s", 8, 10);
    EXPECT_EQ(trim(older_than(800), "s"), 0U);
    EXPECT_EQ(store().append("s", "next"), 11U);
    restart();
    expect_stream("s", 8, 11);
}

TEST_F(Trims, KeepTheNewest) {
    fill_in_time("s", 5);
    EXPECT_EQ(trim(keep(9), "s"), 0U);
    EXPECT_EQ(trim(keep(5), "s"), 0U);
    EXPECT_EQ(trim(keep(2), "s"), 3U);
    expect_stream("s", 4, 5);
}

TEST_F(Trims, ForgetTheExpiredFromTheTail) {
    for (const std::int64_t expiry : {50, 60, 0, 70, 10}) {
        auto sent = note("n" + std::to_string(expiry));
        sent.expires_at = expiry;
        store().commit(Group().append(sent, {"s"}));
    }
    EXPECT_EQ(trim(expired_at(50), "s"), 0U);
    EXPECT_EQ(trim(expired_at(60), "s"), 1U);
    EXPECT_EQ(trim(expired_at(100), "s"), 1U);
    expect_stream("s", 3, 5);  // the one that never expires holds the others
}

TEST_F(Trims, GoByEachOfTheirBounds) {
    fill_in_time("s", 10);
    auto both = older_than(301);
    both.keep = 5;
    EXPECT_EQ(trim(both, "s"), 5U);
    both.older_than = 801;
    EXPECT_EQ(trim(both, "s"), 3U);
    expect_stream("s", 9, 10);
}

TEST_F(Trims, WithoutBoundsForgetNothing) {
    fill_in_time("s", 3);
    auto nothing = kNothing;
    nothing.limit = 100;
    EXPECT_EQ(trim(nothing, "s"), 0U);
    EXPECT_EQ(trim(nothing), 0U);
    expect_stream("s", 1, 3);
}

TEST_F(Trims, StopAtTheFirstThatStays) {
    for (const std::int64_t time : {100, 500, 100, 100}) {
        auto sent = note("n");
        sent.created_at = time;
        store().commit(Group().append(sent, {"s"}));
    }
    EXPECT_EQ(trim(older_than(200), "s"), 1U);
    expect_stream("s", 2, 4);
}

TEST_F(Trims, StopAtTheirLimitAndSaySo) {
    fill_in_time("s", 10);
    const auto first = trim_once(older_than(801, 3), "s");
    EXPECT_GE(first[0], 1U);
    EXPECT_EQ(first[1], 1U);
    expect_stream("s", first[0] + 1, 10);
    EXPECT_EQ(trim(older_than(801, 3), "s"), 8 - first[0]);
    expect_stream("s", 9, 10);
    EXPECT_EQ(trim(keep(1, 1), "s"), 1U);
    expect_stream("s", 10, 10);
}

TEST_F(Trims, MayForgetAllAndTheStreamGoesOn) {
    fill_in_time("s", 3);
    store().commit(Group().mark("s", BF_STATE_READ, 0, {2}));
    const auto epoch = store().head("s").epoch;
    EXPECT_EQ(trim(older_than(INT64_MAX), "s"), 3U);
    expect_stream("s", 4, 3);
    EXPECT_TRUE(store().head("s").exists);
    EXPECT_EQ(store().head("s").unread, 0U);
    restart();
    EXPECT_EQ(store().append("s", "next"), 4U);
    EXPECT_EQ(store().head("s").epoch, epoch);
    expect_stream("s", 4, 4);
}

TEST_F(Trims, CountWhatIsUnreadRight) {
    fill_in_time("s", 8);
    store().commit(Group()
                       .mark("s", BF_STATE_READ, 0, {1, 4, 7})
                       .append(note("s2"), {"s"}, {}, BF_ENTRY_RETRACTION)
                       .append(note("s5"), {"s"}, {}, BF_ENTRY_RETRACTION)
                       .append(note("s6"), {"s"}, {}, BF_ENTRY_REVISION));
    for (std::uint64_t left = 10; left > 0; --left) {
        EXPECT_EQ(trim(keep(left), "s"), 1U);
        expect_stream("s", 12 - left, 11);
    }
}

TEST_F(Trims, OfAnyStreamReachThemAll) {
    for (int i = 0; i < 25; ++i) {
        fill_in_time("s" + std::to_string(i), 5);
    }
    EXPECT_EQ(trim(older_than(301, 7)), 75U);
    for (int i = 0; i < 25; ++i) {
        expect_stream("s" + std::to_string(i), 4, 5);
    }
    EXPECT_EQ(trim(older_than(301, 7)), 0U);
    EXPECT_EQ(trim(keep(1, 1'000)), 25U);
    EXPECT_EQ(trim(keep(1, 1'000)), 0U);
}

TEST_F(Trims, OfAnyStreamReachWhatCameWhileTheyWereAtIt) {
    for (int i = 0; i < 10; ++i) {
        fill_in_time("s" + std::to_string(i), 5);
    }
    (void)trim_once(older_than(301, 17), {});  // somewhere in the middle
    for (int i = 0; i < 10; ++i) {
        fill_in_time("s" + std::to_string(i) + "b", 5);
    }
    trim(older_than(301, 17));
    trim(older_than(301, 17));
    for (int i = 0; i < 10; ++i) {
        expect_stream("s" + std::to_string(i), 4, 5);
        expect_stream("s" + std::to_string(i) + "b", 4, 5);
    }
}

TEST_F(Trims, SeeWhatTheirOwnCommitWrote) {
    Group append;
    append.append(note("a"), {"fresh", "other"});
    Group any;
    any.trim(older_than(5'000)).append(note("b"), {"fresh"});
    const auto results = store().commit_all({&append, &any});
    EXPECT_EQ(results[1].results.at(0).value[0], 2U);
    EXPECT_EQ(results[1].results.at(1).seqs, (Seqs{2}));
    expect_stream("fresh", 2, 2);
    expect_stream("other", 2, 1);
}

TEST_F(Trims, LeaveABodyToItsOtherStreams) {
    auto sent = note("shared");
    sent.data = "the data";
    store().commit(Group().append(sent, {"x", "y", "z"}));
    EXPECT_EQ(trim(older_than(INT64_MAX), "x"), 1U);
    EXPECT_EQ(store().read("y").entries.at(0).notification->data, "the data");
    EXPECT_EQ(trim(older_than(INT64_MAX), "y"), 1U);
    EXPECT_EQ(store().read("z").entries.at(0).notification->data, "the data");
    store().commit(Group().reset("z"));
    (void)trim(older_than(INT64_MAX));
    EXPECT_EQ(store().stats().entries, 0U);
}

TEST_F(Trims, LeaveNothingToFilters) {
    fill_in_time("s", 5);
    trim(keep(2), "s");
    auto query = query_of("s");
    query.notification_id = sdk::str("s2");
    EXPECT_TRUE(read_all(store(), query).empty());
    query = query_of("s");
    query.type = sdk::str("test");
    EXPECT_EQ(seqs_of(read_all(store(), query)), (Seqs{4, 5}));
    const auto marked = store().commit(Group().mark("s", BF_STATE_READ, 0, {1, 2, 4}, 3));
    EXPECT_EQ(marked.results.at(0).count, 1U);
    EXPECT_EQ(store().head("s").unread, 1U);
}

}  // namespace
}  // namespace belfry::conformance
