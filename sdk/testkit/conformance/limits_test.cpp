// What is large is done, or refused as a whole; too much at once is put off, never lost.
#include "sdk/testkit/conformance/kit.hpp"

#include <algorithm>
#include <map>

namespace belfry::conformance {
namespace {

class Limits : public Case {
protected:
    /// Every call answered: how many were ok. The others must say that they can be tried again.
    std::uint64_t settle(const std::vector<Call<sdk::Committed>>& pending) {
        std::uint64_t stored = 0;
        for (const auto& one : pending) {
            const auto outcome = one.wait();
            if (outcome.ok()) {
                ++stored;
                continue;
            }
            EXPECT_EQ(outcome.status, Status::unavailable) << outcome.message;
            EXPECT_GT(outcome.retry_after, 0);
        }
        return stored;
    }
};

TEST_F(Limits, AHugeBodyIsStoredOrRefused) {
    for (const std::uint32_t megabytes : {8U, 64U}) {
        auto sent = note("huge");
        sent.data.assign(static_cast<std::size_t>(megabytes) << 20U, 'x');
        const auto stream = "s" + std::to_string(megabytes);
        Group group;
        group.append(sent, {stream}).append(note("small"), {stream});
        const auto outcome = store().begin_commit({&group}).wait();
        const auto head = store().head(stream);
        if (outcome.ok() && outcome.value.groups.at(0).status == Status::ok) {
            EXPECT_EQ(head.head, 2U);
            EXPECT_EQ(store().read(stream).entries.at(0).notification->data, sent.data);
        } else {
            const auto status = outcome.ok() ? outcome.value.groups.at(0).status : outcome.status;
            EXPECT_TRUE(status == Status::invalid || status == Status::refused ||
                        status == Status::unavailable)
                << static_cast<int>(status);
            EXPECT_FALSE(head.exists);
        }
        EXPECT_EQ(store().commit(Group().append(note("after"), {"after"})).status, Status::ok);
    }
}

TEST_F(Limits, ManyGroupsAreStoredOrRefused) {
    constexpr std::size_t kGroups = 70'000;
    std::vector<Group> groups(kGroups);
    std::vector<const Group*> given;
    for (auto& group : groups) {
        group.put("c", std::to_string(given.size()), BF_VERSION_NONE, "");
        given.push_back(&group);
    }
    const auto outcome = store().begin_commit(given).wait();
    bf_find query{};
    query.collection = sdk::str("c");
    query.limit = 1;
    if (outcome.ok()) {
        ASSERT_EQ(outcome.value.groups.size(), kGroups);
        EXPECT_TRUE(std::ranges::all_of(
            outcome.value.groups, [](const auto& group) { return group.status == Status::ok; }));
        EXPECT_TRUE(store().get("c", std::to_string(kGroups - 1)).ok());
    } else {
        EXPECT_TRUE(outcome.status == Status::invalid || outcome.status == Status::refused ||
                    outcome.status == Status::unavailable)
            << outcome.message;
        EXPECT_TRUE(store().find(query).documents.empty());
    }
    EXPECT_EQ(store().commit(Group().append(note("after"), {"s"})).status, Status::ok);
}

TEST_F(Limits, ManyOperationsOfAGroupAreStored) {
    Group group;
    for (int i = 0; i < 3'000; ++i) {
        const auto number = std::to_string(i);
        group.append(note("n" + number), {"s" + std::to_string(i % 7)}).owe("q", number, i);
    }
    const auto result = store().commit(group);
    ASSERT_EQ(result.status, Status::ok) << result.message;
    EXPECT_EQ(result.results.size(), 6'000U);
    EXPECT_EQ(store().head("s0").head, 429U);
    EXPECT_EQ(store().jobs("q", BF_JOB_PENDING, "", 3'000).jobs.size(), 3'000U);
}

TEST_F(Limits, ADocumentMayHaveManyKeys) {
    std::vector<sdk::Key> keys;
    for (int i = 0; i < 100; ++i) {
        keys.push_back({"k" + std::to_string(i % 10), "v" + std::to_string(i), i % 2 == 0});
    }
    ASSERT_EQ(store().commit(Group().put("c", "d", 0, "", keys)).status, Status::ok);
    bf_find query{};
    query.collection = sdk::str("c");
    query.index = sdk::str("k3");
    query.limit = 100;
    EXPECT_EQ(store().find(query).documents.size(), 10U);
}

TEST_F(Limits, TooMuchOfLargeBodiesIsPutOff) {
    auto sent = note("n");
    sent.data.assign(8U << 20U, 'x');
    Group group;
    group.append(sent, {"s"});
    std::vector<Call<sdk::Committed>> pending;
    for (int i = 0; i < 20; ++i) {
        pending.push_back(store().begin_commit({&group}));
    }
    const auto stored = settle(pending);
    EXPECT_GT(stored, 0U);
    EXPECT_EQ(store().head("s").head, stored);
    EXPECT_EQ(store().commit(Group().append(note("after"), {"s"})).results.at(0).seqs,
              (Seqs{stored + 1}));
}

TEST_F(Limits, TooManyCallsArePutOff) {
    constexpr std::size_t kGroups = 4'096;
    std::vector<Group> groups(kGroups);
    std::vector<const Group*> given;
    for (auto& group : groups) {
        group.cursor("s", std::to_string(given.size() % 100), 1, 1);
        given.push_back(&group);
    }
    store().append("s", "n");
    std::vector<Call<sdk::Committed>> pending;
    for (int i = 0; i < 20; ++i) {
        pending.push_back(store().begin_commit(given));
    }
    EXPECT_GT(settle(pending), 0U);
    EXPECT_EQ(store().cursors("s").cursors.size(), 100U);
}

TEST_F(Limits, TooManyReadsArePutOff) {
    fill(store(), "s", 10);
    const bf_str name = sdk::str("s");
    std::vector<Call<sdk::Heads>> pending;
    for (int i = 0; i < 20'000; ++i) {
        pending.emplace_back(store().instance, "heads");
        store().table.heads(store().instance.handle(), &name, 1, pending.back().done());
    }
    for (const auto& one : pending) {
        const auto outcome = one.wait();
        ASSERT_TRUE(outcome.ok() ||
                    (outcome.status == Status::unavailable && outcome.retry_after > 0))
            << outcome.message;
    }
    EXPECT_EQ(store().head("s").head, 10U);
}

TEST_F(Limits, OfReadsMayBeAnything) {
    fill(store(), "s", 30);
    EXPECT_EQ(read_all(store(), query_of("s", UINT64_MAX)).size(), 30U);
    EXPECT_EQ(store().streams("", UINT64_MAX).size(), 1U);
    store().commit(Group().put("c", "d", 0, "").owe("q", "j", 1));
    bf_find query{};
    query.collection = sdk::str("c");
    query.limit = UINT64_MAX;
    EXPECT_EQ(store().find(query).documents.size(), 1U);
    EXPECT_EQ(store().jobs("q", BF_JOB_PENDING, "", UINT64_MAX).jobs.size(), 1U);
    EXPECT_EQ(store().claim("q", 1, INT64_MAX, UINT64_MAX).jobs.size(), 1U);
    EXPECT_GT(store().dump("", UINT64_MAX).records.size(), 30U);
}

}  // namespace
}  // namespace belfry::conformance
