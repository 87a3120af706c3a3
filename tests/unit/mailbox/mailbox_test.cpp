#include "daemon/mailbox/mailbox.hpp"

#include "tests/unit/mailbox/core.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

TEST(Mailbox, PublishesToEachStreamOnce) {
    Core core;
    Draft draft = draft_to("user:a");
    draft.streams = {"user:a", "topic:x", "user:a"};
    draft.data = "{\"n\": 1.50}";
    const auto published = core.publish(std::move(draft));
    ASSERT_TRUE(published && *published);
    EXPECT_EQ((*published)->id.size(), 26U);
    EXPECT_FALSE((*published)->duplicate);
    EXPECT_EQ((*published)->seqs, (std::vector<std::uint64_t>{1, 1}));
    const auto entries = core.entries("topic:x");
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].notification->data, "{\"n\": 1.50}");
    EXPECT_EQ(entries[0].notification->id, (*published)->id);
    EXPECT_EQ(core.entries("user:a").size(), 1U);
}

TEST(Mailbox, KnowsAnEventAgain) {
    Core core;
    Draft draft = draft_to("user:a");
    draft.source = "shop";
    draft.event_id = "7";
    const auto first = core.publish(draft);
    const auto again = core.publish(draft);
    ASSERT_TRUE(*again);
    EXPECT_TRUE((*again)->duplicate);
    EXPECT_EQ((*again)->id, (*first)->id);
    EXPECT_EQ((*again)->seqs, (*first)->seqs);
    EXPECT_EQ(core.entries("user:a").size(), 1U);
    EXPECT_EQ(core.heard.size(), 1U);
}

TEST(Mailbox, RefusesOtherContentUnderOneKey) {
    Core core;
    Draft draft = draft_to("user:a");
    draft.source = "shop";
    draft.event_id = "7";
    ASSERT_TRUE(*core.publish(draft));
    for (const auto& change : std::vector<std::function<void(Draft&)>>{
             [](Draft& other) { other.title = "u"; }, [](Draft& other) { other.body = "b"; },
             [](Draft& other) { other.data = "1"; }, [](Draft& other) { other.type = "x"; },
             [](Draft& other) { other.streams = {"user:b"}; }}) {
        Draft other = draft;
        change(other);
        const auto refused = core.publish(other);
        ASSERT_FALSE(*refused);
        EXPECT_EQ(refused->error().code, Code::conflict);
    }
    draft.source = "other";
    EXPECT_FALSE((*core.publish(draft))->duplicate);
}

struct Refusal {
    const char* name;
    std::function<void(Draft&)> spoil;
    Code code;
    const char* pointer;
};

class DraftTest : public testing::TestWithParam<Refusal> {};

TEST_P(DraftTest, IsRefusedByItsMember) {
    Core core({}, {.recipients = 3, .text = 10, .data = 10});
    Draft draft = draft_to("user:a");
    GetParam().spoil(draft);
    std::optional<Error> error;
    core.mailbox.publish(draft, [&](const Result<Published>& result) { error = result.error(); });
    ASSERT_TRUE(error) << "refused at once, on the calling thread";
    EXPECT_EQ(error->code, GetParam().code) << error->message;
    EXPECT_EQ(error->pointer, GetParam().pointer) << error->message;
    EXPECT_EQ(core.storage.commits(), 0U);
}

const std::string kLong(201, 'k');

INSTANTIATE_TEST_SUITE_P(
    Mailbox, DraftTest,
    testing::Values(
        Refusal{"NoRecipient", [](Draft& d) { d.streams.clear(); }, Code::invalid, "/to"},
        Refusal{"ManyRecipients",
                [](Draft& d) { d.streams = {"user:a", "user:b", "user:c", "user:d"}; },
                Code::invalid, "/to"},
        Refusal{"BadRecipient", [](Draft& d) { d.streams = {"user:a", "user:a", "bad"}; },
                Code::invalid, "/to/2"},
        Refusal{"LongTitle", [](Draft& d) { d.title = std::string(11, 't'); }, Code::too_large,
                "/title"},
        Refusal{"TitleUtf8", [](Draft& d) { d.title = "\xff"; }, Code::invalid, "/title"},
        Refusal{"TitleNul", [](Draft& d) { d.title = std::string("a\0b", 3); }, Code::invalid,
                "/title"},
        Refusal{"LongBody", [](Draft& d) { d.body = std::string(11, 't'); }, Code::too_large,
                "/body"},
        Refusal{"BodyUtf8", [](Draft& d) { d.body = "\xc3"; }, Code::invalid, "/body"},
        Refusal{"LongData", [](Draft& d) { d.data = std::string(11, '1'); }, Code::too_large,
                "/data"},
        Refusal{"LongType", [](Draft& d) { d.type = kLong; }, Code::too_large, "/type"},
        Refusal{"TypeUtf8", [](Draft& d) { d.type = "\xff"; }, Code::invalid, "/type"},
        Refusal{"LongDataType", [](Draft& d) { d.data_type = kLong; }, Code::too_large,
                "/data_type"},
        Refusal{"DataTypeUtf8", [](Draft& d) { d.data_type = "a/\xff"; }, Code::invalid,
                "/data_type"},
        Refusal{"LongKey", [](Draft& d) { d.collapse_key = kLong; }, Code::too_large,
                "/collapse_key"},
        Refusal{"LongTrace", [](Draft& d) { d.trace = kLong; }, Code::too_large, "/trace"},
        Refusal{"LongSource", [](Draft& d) { d.source = kLong; }, Code::too_large, "/source"},
        Refusal{"LongEventId",
                [](Draft& d) {
                    d.source = "s";
                    d.event_id = kLong;
                },
                Code::too_large, "/event_id"},
        Refusal{"SourceAlone", [](Draft& d) { d.source = "s"; }, Code::invalid, "/event_id"},
        Refusal{"EventIdAlone", [](Draft& d) { d.event_id = "1"; }, Code::invalid, "/event_id"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Mailbox, TakesWhatIsJustWithinItsLimits) {
    Core core({}, {.recipients = 2, .text = 10, .data = 10});
    Draft draft = draft_to("user:a", std::string(10, 't'));
    draft.streams = {"user:a", "user:b"};
    draft.body = std::string(10, 'b');
    draft.data = std::string(10, '1');
    draft.type = std::string(200, 'k');
    EXPECT_TRUE(*core.publish(draft));
}

TEST(Mailbox, MarksAndCounts) {
    Core core;
    for (int i = 0; i < 3; ++i) {
        core.publish(draft_to("user:a"));
    }
    Mark mark;
    mark.stream = "user:a";
    mark.set = kStateRead;
    mark.up_to = 2;
    Result<Mailbox::Marked> marked;
    core.mailbox.mark(mark, [&](Result<Mailbox::Marked> result) { marked = std::move(result); });
    core.run();
    EXPECT_EQ(marked->changed, 2U);
    EXPECT_EQ(marked->unread, 1U);
    EXPECT_EQ(core.entries("user:a")[0].read_at, core.world.now());
}

TEST(Mailbox, MarksALongStretchInSeveralCommits) {
    Core core;
    constexpr std::uint64_t kEntries = 4'500;
    for (std::uint64_t i = 0; i < kEntries; ++i) {
        core.mailbox.publish(draft_to("user:a"), [](const Result<Published>&) {});
    }
    core.run(kSecond);
    const auto before = core.storage.commits();
    Mark mark{.stream = "user:a", .set = kStateRead, .seqs = {}, .up_to = kEntries};
    Result<Mailbox::Marked> marked;
    core.mailbox.mark(mark, [&](Result<Mailbox::Marked> result) { marked = std::move(result); });
    core.run(kSecond);
    EXPECT_EQ(marked->changed, kEntries);
    EXPECT_EQ(marked->unread, 0U);
    EXPECT_EQ(core.storage.commits() - before, 3U);
}

TEST(Mailbox, KeepsTheDevicesUsedLast) {
    Core core({}, {.devices = 2});
    core.publish(draft_to("user:a"));
    for (const char* device : {"phone", "tablet", "phone", "watch"}) {
        core.run(kSecond);
        core.mailbox.acknowledge({"user:a", device, 1, 0}, [](const Result<>&) {});
        core.run();
    }
    EXPECT_EQ(core.cursor("user:a", "phone").delivered, 1U);
    EXPECT_EQ(core.cursor("user:a", "watch").delivered, 1U);
    EXPECT_EQ(core.cursor("user:a", "tablet").delivered, 0U);
}

TEST(Mailbox, MovesCursorsForwardOnly) {
    Core core;
    core.publish(draft_to("user:a"));
    for (const std::uint64_t seq : {1U, 0U}) {
        bool done = false;
        core.mailbox.acknowledge({"user:a", "phone", seq, 0},
                                 [&](const Result<>& result) { done = result.has_value(); });
        core.run();
        EXPECT_TRUE(done);
    }
    EXPECT_EQ(core.cursor("user:a", "phone").delivered, 1U);
}

}  // namespace
}  // namespace belfry::test
