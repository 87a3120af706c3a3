#include "daemon/live/position.hpp"

#include "daemon/live/interest.hpp"

#include <gtest/gtest.h>

namespace belfry::live {
namespace {

Head head_of(std::uint64_t epoch, std::uint64_t earliest, std::uint64_t head) {
    return {epoch != 0, epoch, earliest, head, 0, "user:a"};
}

struct Case {
    Since since;
    std::uint64_t acknowledged;
    Head head;
    std::uint64_t seq;
    std::string_view reason;  ///< empty = recovered
};

Since behind(std::uint64_t epoch, std::uint64_t seq) {
    return {Since::From::token, {epoch, seq}, {}};
}
const Since kEarliest{Since::From::earliest, {}, {}};
const Since kLatest{Since::From::latest, {}, {}};
const Since kDevice{Since::From::device, {}, "phone"};

TEST(Decide, FollowsTheTable) {
    const Head none = head_of(0, 1, 0);
    const Head full = head_of(7, 11, 20);
    const Head trimmed = head_of(7, 21, 20);  // nothing is left
    const std::vector<Case> cases{
        {kEarliest, 0, none, 0, ""},
        {kEarliest, 0, full, 10, ""},
        {kEarliest, 0, trimmed, 20, ""},
        {kLatest, 0, none, 0, ""},
        {kLatest, 0, full, 20, ""},
        {kDevice, 0, full, 20, ""},
        {kDevice, 15, full, 15, ""},
        {kDevice, 10, full, 10, ""},
        {kDevice, 9, full, 20, "expired"},
        {kDevice, 21, full, 20, "ahead"},
        {behind(7, 20), 0, full, 20, ""},
        {behind(7, 15), 0, full, 15, ""},
        {behind(7, 10), 0, full, 10, ""},
        {behind(7, 9), 0, full, 20, "expired"},
        {behind(7, 0), 0, full, 20, "expired"},
        {behind(7, 21), 0, full, 20, "ahead"},
        {behind(7, UINT64_MAX), 0, full, 20, "ahead"},
        {behind(6, 15), 0, full, 20, "epoch_changed"},
        {behind(6, 15), 0, none, 0, "epoch_changed"},
        {behind(7, 20), 0, trimmed, 20, ""},
        {behind(7, 19), 0, trimmed, 20, "expired"},
        {behind(0, 0), 0, none, 0, ""},
        {behind(0, 0), 0, head_of(7, 1, 20), 0, ""},
        {behind(0, 0), 0, full, 20, "expired"},
        {behind(0, 3), 0, none, 0, "ahead"},
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Case& one = cases[i];
        const Position position = decide(one.since, one.acknowledged, one.head);
        EXPECT_EQ(position.seq, one.seq) << i;
        EXPECT_EQ(position.recovered, one.reason.empty()) << i;
        EXPECT_EQ(position.reason, one.reason) << i;
        EXPECT_EQ(position.head.head, one.head.head) << i;
    }
}

TEST(ParseSince, KnowsItsWords) {
    EXPECT_EQ(parse_since("earliest", "")->from, Since::From::earliest);
    EXPECT_EQ(parse_since("latest", "phone")->from, Since::From::latest);
    EXPECT_EQ(parse_since("", "")->from, Since::From::latest);
    EXPECT_EQ(parse_since("", "phone")->from, Since::From::device);
    EXPECT_EQ(parse_since("unacked", "phone")->device, "phone");
    EXPECT_EQ(parse_since("7.a", "phone")->token, (Token{7, 10}));
}

TEST(ParseSince, RefusesTheRest) {
    EXPECT_EQ(parse_since("unacked", "").error().code, Code::invalid);
    for (const char* text : {"now", "Latest", "7", "7.", "-1.2", "7.07", " latest"}) {
        EXPECT_FALSE(parse_since(text, "phone")) << text;
    }
}

TEST(Interest, CountsFollowers) {
    Interest interest;
    EXPECT_FALSE(interest.may_have("user:a"));
    interest.add("user:a");
    interest.add("user:a");
    interest.remove("user:a");
    EXPECT_TRUE(interest.may_have("user:a"));
    interest.remove("user:a");
    EXPECT_FALSE(interest.may_have("user:a"));
}

}  // namespace
}  // namespace belfry::live
