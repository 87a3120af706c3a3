#include "daemon/mailbox/event.hpp"

#include <gtest/gtest.h>

namespace belfry {
namespace {

struct DataCase {
    std::string content_type, data;
    std::string title, body, kept, data_type;
};

Event event_with(const std::string& content_type, const std::string& data) {
    return {.source = "s",
            .id = "1",
            .type = "t",
            .subject = "user:a",
            .content_type = content_type,
            .data = data,
            .attributes = {}};
}

TEST(DraftFrom, TakesDataByItsMediaType) {
    const std::string object = R"( {"title":"T","body":"B","n":[1.50]} )";
    for (const DataCase& one : {
             DataCase{"application/json", object, "T", "B", object, ""},
             DataCase{"", object, "T", "B", object, ""},
             DataCase{"application/json; charset=utf-8", object, "T", "B", object, ""},
             DataCase{"application/vnd.shop+json", object, "T", "B", object, ""},
             DataCase{"application/json", "[1,2]", "", "", "[1,2]", ""},
             DataCase{"application/json", R"({"title":5})", "", "", R"({"title":5})", ""},
             DataCase{"text/plain", "hello", "", "hello", "", ""},
             DataCase{"image/png", "\x89PNG", "", "", "\x89PNG", "image/png"},
             DataCase{"application/json-seq", "{}\n{}", "", "", "{}\n{}", "application/json-seq"},
             DataCase{"", "no json", "", "", "no json", "application/octet-stream"},
             DataCase{"", "\"\xff\"", "", "", "\"\xff\"", "application/octet-stream"},
             DataCase{"application/json", "", "", "", "", ""},
         }) {
        const auto draft = draft_from(event_with(one.content_type, one.data));
        ASSERT_TRUE(draft) << one.content_type << ' ' << draft.error().message;
        EXPECT_EQ(draft->title, one.title) << one.data;
        EXPECT_EQ(draft->body, one.body) << one.data;
        EXPECT_EQ(draft->data, one.kept) << one.data;
        EXPECT_EQ(draft->data_type, one.data_type) << one.data;
        EXPECT_EQ(draft->streams, std::vector<std::string>{"user:a"});
        EXPECT_EQ(draft->source, "s");
        EXPECT_EQ(draft->event_id, "1");
    }
}

/// Such data would reach clients as a part of their JSON.
TEST(DraftFrom, RefusesDataThatIsNotTheJsonItSaysItIs) {
    const std::string deep = std::string(40, '[') + std::string(40, ']');
    for (const std::string& data :
         {std::string("{\"a\":"), std::string("hello"), std::string("{}{}"),
          std::string("\"\xff\""), std::string("{},\"op\":\"x\""), deep}) {
        for (const char* type :
             {"application/json", "application/x+json", "application/json ; a=b"}) {
            const auto draft = draft_from(event_with(type, data));
            ASSERT_FALSE(draft) << type << ' ' << data;
            EXPECT_EQ(draft.error().code, Code::invalid);
            EXPECT_NE(draft.error().message.find("JSON"), std::string::npos);
        }
    }
}

TEST(DraftFrom, HeedsExtensions) {
    const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    Event event = event_with("", "");
    event.attributes = {{"traceparent", trace}, {"expirytime", "2030-01-01T00:00:00Z"}};
    const auto draft = draft_from(event);
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->trace, trace);
    EXPECT_EQ(draft->expires_at, 1'893'456'000 * kSecond);
    event.attributes = {{"expirytime", "9999-12-31T23:59:59Z"}};
    EXPECT_EQ(draft_from(event)->expires_at, 0) << "that is never";
    for (const char* end : {"", "soon", "9999", "2030-13-01T00:00:00Z", "-1"}) {
        event.attributes = {{"expirytime", end}};
        EXPECT_FALSE(draft_from(event)) << end;
    }
}

/// A trace is for those who look for faults; it must not be one.
TEST(DraftFrom, LeavesOutATraceThatIsNone) {
    const std::string ids = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
    for (const std::string& trace :
         {std::string("x"), "00-" + ids, "ff-" + ids + "-01", "00-" + ids + "-01-x",
          "00-" + std::string(32, '0') + "-b7ad6b7169203331-01",
          std::string("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"),
          std::string(10'000, '0'), "01-" + ids + "-01-\xff"}) {
        Event event = event_with("", "");
        event.attributes = {{"traceparent", trace}};
        const auto draft = draft_from(event);
        ASSERT_TRUE(draft) << trace;
        EXPECT_EQ(draft->trace, "") << trace;
    }
    Event event = event_with("", "");
    event.attributes = {{"traceparent", "01-" + ids + "-01-more"}};
    EXPECT_EQ(draft_from(event)->trace, "01-" + ids + "-01-more") << "of a later version";
}

TEST(DraftFrom, RefusesWhatHasNoPlace) {
    Event event = event_with("", "");
    event.subject = "nobody";
    EXPECT_NE(draft_from(event).error().message.find("subject"), std::string::npos);
    event = event_with("", "");
    event.id.clear();
    EXPECT_EQ(draft_from(event).error().code, Code::invalid);
    event = event_with("", "");
    event.source.clear();
    EXPECT_EQ(draft_from(event).error().code, Code::invalid);
}

}  // namespace
}  // namespace belfry
