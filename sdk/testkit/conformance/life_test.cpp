// From create to destroy: restarts, drain, stop, apply.
#include "sdk/testkit/conformance/kit.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace belfry::conformance {
namespace {

class Life : public Case {
protected:
    std::unique_ptr<testkit::Instance> created() {
        return std::make_unique<testkit::Instance>(Kit::get().plugin().create("store", config()));
    }
};

/// Outlives its instance; says how a call went that the rules of abi.h do not allow.
struct Answer {
    static void complete(void* ctx, const bf_result* result, const void* /*value*/) {
        auto& self = *static_cast<Answer*>(ctx);
        self.status = result->status;
        ++self.completions;
    }
    [[nodiscard]] bf_done done() { return {this, &Answer::complete}; }

    std::uint32_t status = BF_OK;
    int completions = 0;
};

/// Every call there is, one after the other.
std::vector<std::unique_ptr<Answer>> call_everything(const testkit::Instance& instance) {
    const auto& table = instance.table<bf_storage>();
    auto* handle = instance.handle();
    static const Group kGroup = std::move(Group().append(note("n"), {"s"}));
    const bf_group group = kGroup.wire();
    auto read = query_of("s");
    read.size = sizeof read;
    bf_find find{};
    find.size = sizeof find;
    find.collection = sdk::str("c");
    find.limit = 1;
    const bf_str name = sdk::str("s");
    const std::vector<std::function<void(bf_done)>> calls{
        [&](bf_done done) { table.commit(handle, &group, 1, done); },
        [&](bf_done done) { table.read(handle, &read, done); },
        [&](bf_done done) { table.heads(handle, &name, 1, done); },
        [&](bf_done done) { table.streams(handle, {}, 1, done); },
        [&](bf_done done) { table.cursors(handle, name, done); },
        [&](bf_done done) { table.cursor(handle, name, name, done); },
        [&](bf_done done) { table.get(handle, name, name, done); },
        [&](bf_done done) { table.find(handle, &find, done); },
        [&](bf_done done) { table.claim(handle, name, 1, 2, 1, done); },
        [&](bf_done done) { table.jobs(handle, name, BF_JOB_PENDING, {}, 1, done); },
        [&](bf_done done) { table.stats(handle, done); },
        [&](bf_done done) { table.backup(handle, sdk::str("/nowhere/at/all"), done); },
        [&](bf_done done) { table.dump(handle, {}, 1, 1, done); },
        [&](bf_done done) { table.load(handle, nullptr, 0, done); },
    };
    std::vector<std::unique_ptr<Answer>> answers;
    for (const auto& call : calls) {
        call(answers.emplace_back(std::make_unique<Answer>())->done());
    }
    return answers;
}

void expect_closed(const std::vector<std::unique_ptr<Answer>>& answers) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
        EXPECT_EQ(answers[i]->completions, 1) << "call " << i;
        EXPECT_EQ(answers[i]->status, BF_CLOSED) << "call " << i;
    }
}

TEST_F(Life, KeepsEverythingOverARestart) {
    store().commit(Group()
                       .append(note_of("n1", "shop", "e1"), {"s", "t"}, "hash")
                       .append(note("n2"), {"s"})
                       .mark("s", BF_STATE_READ, 0, {1}, 0, 77)
                       .cursor("s", "phone", 2, 1)
                       .put("c", "d", 0, "document", {{"k", "v", true}})
                       .owe("q", "j", 1, "lane", "payload"));
    const auto epoch = store().head("s").epoch;
    for (int i = 0; i < 3; ++i) {
        restart();
        const auto page = store().read("s");
        ASSERT_EQ(page.entries.size(), 2U);
        EXPECT_EQ(page.entries[0].read_at, 77);
        EXPECT_EQ(page.head.epoch, epoch);
        EXPECT_EQ(page.head.unread, 1U);
        EXPECT_EQ(store().cursor("s", "phone").cursors.at(0).delivered, 2U);
        EXPECT_EQ(store().get("c", "d").value.document, "document");
        EXPECT_EQ(store().jobs("q", BF_JOB_PENDING).jobs.at(0).payload, "payload");
    }
    EXPECT_EQ(store().append("s", "n3"), 3U);
    EXPECT_EQ(store().commit(Group().put("c", "e", 0, "", {{"k", "v", true}})).status,
              Status::conflict);
}

TEST_F(Life, TellsStoragesApart) {
    store().append("s", "here");
    Store other(Kit::get().plugin(), Kit::get().new_config(), "other");
    EXPECT_FALSE(other.head("s").exists);
    EXPECT_EQ(other.append("s", "there"), 1U);
    EXPECT_EQ(store().read("s").entries.at(0).notification->id, "here");
}

TEST_F(Life, ClosesCallsBeforeItHasStarted) {
    const auto instance = created();
    const auto answers = call_everything(*instance);
    instance->start();
    instance->stop();
    expect_closed(answers);
}

TEST_F(Life, ClosesCallsAfterItHasStopped) {
    const auto instance = created();
    instance->start();
    instance->stop();
    expect_closed(call_everything(*instance));
}

TEST_F(Life, MayBeDestroyedWithoutAStart) { EXPECT_NE(created()->handle(), nullptr); }

TEST_F(Life, StopAnswersWhatIsUnderWay) {
    constexpr std::uint64_t kCalls = 400;
    std::vector<Call<sdk::Committed>> commits;
    std::vector<Call<sdk::Heads>> reads;
    Group group;
    group.append(note("n"), {"s"});
    const bf_str name = sdk::str("s");
    for (std::uint64_t i = 0; i < kCalls; ++i) {
        commits.push_back(store().begin_commit({&group}));
        reads.emplace_back(store().instance, "heads");
        store().table.heads(store().instance.handle(), &name, 1, reads.back().done());
    }
    store().instance.stop();
    std::uint64_t stored = 0;
    for (std::uint64_t i = 0; i < kCalls; ++i) {
        ASSERT_TRUE(commits[i].ready());
        ASSERT_TRUE(reads[i].ready());
        stored += commits[i].wait().ok() ? 1 : 0;
    }
    close();
    EXPECT_EQ(store().head("s").head, stored);
}

TEST_F(Life, DrainFinishesWhatIsThereAndGoesOnServing) {
    std::vector<Call<sdk::Committed>> pending;
    Group group;
    group.append(note("n"), {"s"});
    for (int i = 0; i < 50; ++i) {
        pending.push_back(store().begin_commit({&group}));
    }
    store().instance.drain();
    for (const auto& one : pending) {
        EXPECT_TRUE(one.ready());
        EXPECT_TRUE(one.wait().ok());
    }
    EXPECT_EQ(store().append("s", "after"), 51U);
    EXPECT_EQ(store().read("s").entries.size(), 51U);
}

TEST_F(Life, ChecksAndAppliesItsOwnConfiguration) {
    EXPECT_EQ(Kit::get().plugin().check(config()), std::nullopt);
    store().append("s", "n");
    EXPECT_EQ(Kit::get().plugin().check(config()), std::nullopt);
    const auto applied = store().instance.apply(config());
    EXPECT_TRUE(applied == BF_APPLIED || applied == BF_APPLY_RESTART) << host().take_failure();
    EXPECT_EQ(store().append("s", "n"), 2U);
}

TEST_F(Life, ReadsWhatWasCommittedBefore) {
    for (std::uint64_t i = 1; i <= 200; ++i) {
        store().commit(Group()
                           .append(note("n"), {"s"})
                           .put("c", "d", BF_VERSION_ANY, std::to_string(i))
                           .owe("q", std::to_string(i), 1));
        ASSERT_EQ(store().head("s").head, i);
        ASSERT_EQ(store().read("s", i - 1).entries.size(), 1U);
        ASSERT_EQ(store().get("c", "d").value.document, std::to_string(i));
        ASSERT_EQ(store().jobs("q", BF_JOB_PENDING).jobs.size(), i);
    }
}

}  // namespace
}  // namespace belfry::conformance
