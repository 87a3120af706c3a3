#include "daemon/mailbox/event.hpp"

#include <gtest/gtest.h>

namespace belfry {
namespace {

TEST(EventFrom, ReadsAPlainMessage) {
    const Event event = event_from({.destination = "orders",
                                    .id = "m1",
                                    .content_type = "text/plain",
                                    .body = "hi",
                                    .headers = {{"subject", "user:a"}, {"other", "x"}},
                                    .time = 7,
                                    .coordinates = "p0/17"},
                                   "shop");
    EXPECT_EQ(event.source, "shop/orders");
    EXPECT_EQ(event.id, "m1");
    EXPECT_EQ(event.subject, "user:a");
    EXPECT_EQ(event.content_type, "text/plain");
    EXPECT_EQ(event.data, "hi");
    EXPECT_EQ(event.time, 7);
    EXPECT_TRUE(event.attributes.empty());
}

TEST(EventFrom, FallsBackToTheCoordinates) {
    EXPECT_EQ(event_from({.destination = "d", .coordinates = "p0/17"}, "s").id, "p0/17");
}

TEST(EventFrom, ReadsCloudEvents) {
    const Event event = event_from({.destination = "d",
                                    .id = "m1",
                                    .headers = {{"ce-specversion", "1.0"},
                                                {"ce-id", "e1"},
                                                {"ce-source", "/shop"},
                                                {"ce-type", "order.paid"},
                                                {"ce-subject", "user:b"},
                                                {"ce-traceparent", "00-aa-bb-01"}}},
                                   "s");
    EXPECT_EQ(event.id, "e1");
    EXPECT_EQ(event.source, "/shop");
    EXPECT_EQ(event.type, "order.paid");
    EXPECT_EQ(event.subject, "user:b");
    ASSERT_EQ(event.attributes.size(), 1U);
    EXPECT_EQ(draft_from(event)->trace, "00-aa-bb-01");
}

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
