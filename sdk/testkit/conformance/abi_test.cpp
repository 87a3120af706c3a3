// The rules of abi.h: structs that have grown, bits nobody knows, NULL for nothing, calls from
// inside completions.
#include "sdk/testkit/conformance/kit.hpp"

#include <array>
#include <condition_variable>
#include <mutex>

namespace belfry::conformance {
namespace {

/// A struct of a later version: longer than this one, with members that mean nothing yet.
template <class Struct>
struct Grown {
    Struct known{};
    std::array<std::uint64_t, 5> later{1, 2, 3, 4, 5};
};

template <class Op>
Grown<Op> grown_op(std::uint32_t kind) {
    Grown<Op> op;
    op.known.op = {sizeof op, kind};
    return op;
}

class Abi : public Case {
protected:
    /// Commits a group of one operation -> its result.
    sdk::GroupResult commit(const bf_op& op) {
        const bf_op* const ops = &op;
        const bf_group group{sizeof group, 0, &ops, 1};
        return commit_all(&group, 1).at(0);
    }
    std::vector<sdk::GroupResult> commit_all(const bf_group* groups, std::uint64_t count) {
        const Call<sdk::Committed> pending(store().instance, "commit");
        store().table.commit(store().instance.handle(), groups, count, pending.done());
        auto outcome = pending.wait();
        EXPECT_TRUE(outcome.ok()) << outcome.message;
        return std::move(outcome.value.groups);
    }
};

TEST_F(Abi, GroupsMayBeLongerThanTheyAreKnown) {
    Group first;
    first.append(note("a"), {"s"});
    Group second;
    second.append(note("b"), {"s"});
    std::array<Grown<bf_group>, 2> groups;
    groups[0].known = first.wire();
    groups[1].known = second.wire();
    groups[0].known.size = groups[1].known.size = sizeof(Grown<bf_group>);
    const auto results = commit_all(&groups[0].known, groups.size());
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[1].results.at(0).seqs, (Seqs{2}));
    EXPECT_EQ(store().read("s").entries.at(1).notification->id, "b");
}

TEST_F(Abi, OperationsMayBeLongerThanTheyAreKnown) {
    const auto sent = note("a");
    Grown<bf_notification> notification;
    notification.known = sent.wire();
    notification.known.size = sizeof notification;
    const bf_str stream = sdk::str("s");
    auto append = grown_op<bf_op_append>(BF_OP_APPEND);
    append.known.notification = &notification.known;
    append.known.streams = &stream;
    append.known.stream_count = 1;
    EXPECT_EQ(commit(append.known.op).status, Status::ok);

    auto mark = grown_op<bf_op_mark>(BF_OP_MARK);
    mark.known.stream = stream;
    mark.known.set = BF_STATE_READ;
    mark.known.up_to = 1;
    EXPECT_EQ(commit(mark.known.op).results.at(0).count, 1U);

    auto cursor = grown_op<bf_op_cursor>(BF_OP_CURSOR);
    cursor.known.stream = stream;
    cursor.known.device = sdk::str("phone");
    cursor.known.delivered = 1;
    EXPECT_EQ(commit(cursor.known.op).status, Status::ok);
    EXPECT_EQ(store().cursor("s", "phone").cursors.size(), 1U);

    auto put = grown_op<bf_op_put>(BF_OP_PUT);
    put.known.collection = put.known.id = sdk::str("x");
    EXPECT_EQ(commit(put.known.op).status, Status::ok);
    EXPECT_EQ(store().get("x", "x").value.document, "");

    auto trim = grown_op<bf_op_trim>(BF_OP_TRIM);
    trim.known.stream = stream;
    trim.known.keep = 1;
    trim.known.limit = 1;
    EXPECT_EQ(commit(trim.known.op).results.at(0).value[0], 0U);
}

TEST_F(Abi, QueriesMayBeLongerThanTheyAreKnown) {
    fill(store(), "s", 3);
    store().commit(Group().put("c", "d", 0, "document"));
    Grown<bf_read> read;
    read.known = query_of("s");
    read.known.size = sizeof read;
    const Call<sdk::Page> page(store().instance, "read");
    store().table.read(store().instance.handle(), &read.known, page.done());
    EXPECT_EQ(page.wait().value.entries.size(), 3U);
    Grown<bf_find> find;
    find.known.size = sizeof find;
    find.known.collection = sdk::str("c");
    find.known.limit = 5;
    const Call<sdk::Documents> documents(store().instance, "find");
    store().table.find(store().instance.handle(), &find.known, documents.done());
    EXPECT_EQ(documents.wait().value.documents.size(), 1U);
}

TEST_F(Abi, BitsNobodyKnowsAreTolerated) {
    constexpr std::uint32_t kUnknown = 0x7fff'ff00U;
    Group group;
    group.append(note("a"), {"s"}, {}, BF_ENTRY_NOTIFICATION, kUnknown)
        .append(note("a"), {"s"}, {}, BF_ENTRY_NOTIFICATION, kUnknown);
    auto wire = group.wire();
    wire.flags = kUnknown;
    EXPECT_EQ(commit_all(&wire, 1).at(0).results.at(1).seqs, (Seqs{2}));
    auto query = query_of("s");
    query.flags = kUnknown;
    EXPECT_EQ(seqs_of(store().read(query).entries), (Seqs{1, 2}));
    query.flags = kUnknown | BF_READ_BACKWARD;
    EXPECT_EQ(seqs_of(store().read(query).entries), (Seqs{2, 1}));
}

TEST_F(Abi, NothingMayBeNull) {
    const bf_str name = sdk::str("n");
    bf_notification notification{};
    notification.size = sizeof notification;
    notification.id = name;
    bf_op_append append{};
    append.op = {sizeof append, BF_OP_APPEND};
    append.notification = &notification;
    append.streams = &name;
    append.stream_count = 1;
    EXPECT_EQ(commit(append.op).status, Status::ok);
    bf_op_owe owe{};
    owe.op = {sizeof owe, BF_OP_OWE};
    owe.queue = owe.id = name;
    EXPECT_EQ(commit(owe.op).status, Status::ok);
    const bf_group nothing{sizeof nothing, 0, nullptr, 0};
    EXPECT_EQ(commit_all(&nothing, 1).at(0).status, Status::ok);
    EXPECT_TRUE(commit_all(nullptr, 0).empty());
    EXPECT_EQ(store().read("n").entries.at(0).notification->title, "");
    EXPECT_EQ(store().jobs("n", BF_JOB_PENDING).jobs.at(0).lane, "");
}

/// Commits again from inside each completion.
class Chain {
public:
    Chain(Store& store, int length) : store_(store), left_(length) {
        group_.append(note("n"), {"s"});
    }
    void run() {
        next();
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, kPatience, [this] { return left_ == 0 || is_broken_; })) {
            throw testkit::Failed("a call from inside a completion was not completed");
        }
    }
    [[nodiscard]] bool is_broken() const { return is_broken_; }

private:
    void next() {
        const auto wire = group_.wire();
        store_.table.commit(store_.instance.handle(), &wire, 1, {this, &Chain::complete});
    }
    static void complete(void* ctx, const bf_result* result, const void* /*value*/) {
        auto& self = *static_cast<Chain*>(ctx);
        bool goes_on = false;
        {
            const std::lock_guard lock(self.mutex_);
            self.is_broken_ = result->status != BF_OK;
            goes_on = !self.is_broken_ && --self.left_ > 0;
            if (!goes_on) {
                self.changed_.notify_all();
            }
        }
        if (goes_on) {
            self.next();
        }
    }

    Store& store_;
    Group group_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int left_;
    bool is_broken_ = false;
};

TEST_F(Abi, CallsMayComeFromInsideCompletions) {
    constexpr int kLength = 100;
    Chain chain(store(), kLength);
    chain.run();
    EXPECT_FALSE(chain.is_broken());
    EXPECT_EQ(store().head("s").head, static_cast<std::uint64_t>(kLength));
}

}  // namespace
}  // namespace belfry::conformance
