// Whatever is stored comes back byte for byte.
#include "sdk/testkit/conformance/compare.hpp"
#include "sdk/testkit/conformance/kit.hpp"

namespace belfry::conformance {
namespace {

std::string all_bytes() {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes += static_cast<char>(i);
    }
    return bytes;
}

std::string megabyte() {
    std::string bytes;
    while (bytes.size() < 1U << 20U) {
        bytes += all_bytes();
    }
    return bytes;
}

class RoundTrip : public Case {
protected:
    void expect_kept(const sdk::Notification& sent) {
        const auto stream = "s" + std::to_string(++count_);
        const auto result = store().commit(Group().append(sent, {stream}));
        ASSERT_EQ(result.status, Status::ok) << result.message;
        const auto page = store().read(stream);
        ASSERT_EQ(page.entries.size(), 1U);
        const auto& entry = page.entries.front();
        EXPECT_EQ(difference(sent, *entry.notification), "");
        EXPECT_EQ(entry.stream, stream);
        EXPECT_EQ(entry.seq, 1U);
        EXPECT_EQ(entry.epoch, result.results.at(0).epochs.at(0));
        EXPECT_EQ(entry.state, 0U);
        EXPECT_EQ(entry.read_at, 0);
        EXPECT_EQ(entry.kind, BF_ENTRY_NOTIFICATION);
    }

private:
    int count_ = 0;
};

TEST_F(RoundTrip, OfEveryMember) {
    sdk::Notification sent;
    sent.priority = -7;
    sent.id = "id";
    sent.type = "a type";
    sent.title = "A title \xf0\x9f\x94\x94";
    sent.body = "A body\nof two lines";
    sent.data = all_bytes();
    sent.data_type = "application/octet-stream";
    sent.collapse_key = "collapse";
    sent.created_at = 1'700'000'000'123'456'789;
    sent.expires_at = 1'800'000'000'987'654'321;
    sent.revision = 3;
    sent.source = "source";
    sent.event_id = "event";
    sent.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    expect_kept(sent);
}

TEST_F(RoundTrip, OfNothingButAnId) {
    sdk::Notification sent;
    sent.id = "id";
    expect_kept(sent);
}

TEST_F(RoundTrip, OfNumbersAtTheirLimits) {
    auto sent = note("small");
    sent.priority = INT32_MIN;
    sent.created_at = INT64_MIN;
    sent.revision = 0;
    expect_kept(sent);
    sent = note("large");
    sent.priority = INT32_MAX;
    sent.created_at = INT64_MAX;
    sent.expires_at = INT64_MAX;
    sent.revision = INT64_MAX;
    expect_kept(sent);
}

TEST_F(RoundTrip, OfData) {
    for (const auto& data : {std::string(), std::string("\0", 1), std::string("\0a\0", 3),
                             std::string("\\x00'\""), all_bytes(), megabyte()}) {
        auto sent = note("n");
        sent.data = data;
        expect_kept(sent);
    }
}

TEST_F(RoundTrip, OfTextsOfAMegabyte) {
    auto sent = note("n");
    sent.title.assign(1U << 20U, 't');
    sent.body.assign(1U << 20U, 'b');
    expect_kept(sent);
}

TEST_F(RoundTrip, OfDocuments) {
    int count = 0;
    for (const auto& bytes : {std::string(), all_bytes(), megabyte()}) {
        const auto id = std::to_string(++count);
        ASSERT_EQ(store().commit(Group().put("c", id, BF_VERSION_NONE, bytes)).status, Status::ok);
        const auto found = store().get("c", id).value;
        EXPECT_EQ(found.document, bytes);
        EXPECT_EQ(found.id, id);
        EXPECT_EQ(found.version, 1U);
    }
}

TEST_F(RoundTrip, OfJobs) {
    ASSERT_EQ(store().commit(Group().owe("q", "j", 7, "lane", all_bytes())).status, Status::ok);
    ASSERT_EQ(store().commit(Group().owe("q", "k", INT64_MAX, "", megabyte())).status, Status::ok);
    const auto jobs = store().jobs("q", BF_JOB_PENDING).jobs;
    ASSERT_EQ(jobs.size(), 2U);
    EXPECT_EQ(jobs[0].payload, all_bytes());
    EXPECT_EQ(jobs[0].lane, "lane");
    EXPECT_EQ(jobs[0].due, 7);
    EXPECT_EQ(jobs[0].queue, "q");
    EXPECT_EQ(jobs[0].attempt, 0U);
    EXPECT_EQ(jobs[1].payload, megabyte());
    EXPECT_EQ(jobs[1].due, INT64_MAX);
    const auto claimed = store().claim("q", 7, 8, 1).jobs;
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].payload, all_bytes());
    const std::string reason = "because \xf0\x9f\x94\x94";
    ASSERT_EQ(store().commit(Group().settle(claimed[0], BF_SETTLE_DEAD, 0, reason)).status,
              Status::ok);
    EXPECT_EQ(store().jobs("q", BF_JOB_DEAD).jobs.at(0).reason, reason);
}

TEST_F(RoundTrip, OfWhatIsBorrowedOnlyUntilTheCallReturns) {
    auto group = std::make_unique<Group>();
    auto sent = note_of("n", "source", "event");
    sent.body.assign(10'000, 'b');
    group->append(sent, {"a", "b"}, "hash").put("c", "d", 0, "document", {{"i", "v", true}});
    const auto pending = store().begin_commit({group.get()});
    group.reset();
    ASSERT_TRUE(pending.wait().ok());
    EXPECT_EQ(difference(sent, *store().read("b").entries.at(0).notification), "");
    EXPECT_EQ(store().get("c", "d").value.document, "document");
}

}  // namespace
}  // namespace belfry::conformance
