#include "daemon/live/belfry_v1.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace belfry::live {
namespace {

namespace json = boost::json;

class BelfryV1Test : public testing::Test {
protected:
    json::value encoded(Notification notification, EntryKind kind = EntryKind::notification,
                        Nanos read_at = 0) {
        const Entry entry{kind, 0, 33, read_at,
                          std::make_shared<const Notification>(std::move(notification))};
        text = text_of(dialect.encode("user:\"a", 7, entry).view());
        return json::parse(text);
    }
    BelfryV1 dialect;
    std::string text;
};

TEST_F(BelfryV1Test, EntryHasWhatItMustHave) {
    const json::value value = encoded(
        {.id = "01x", .data = {}, .created_at = 1'700'000'000 * kSecond + 5 * kMillisecond});
    EXPECT_EQ(value, json::parse(R"({"op":"entry","stream":"user:\"a","token":"7.11","id":"01x",
                                     "at":1700000000005})"));
}

TEST_F(BelfryV1Test, EntryHasAllThereIs) {
    const json::value value = encoded({.priority = -2,
                                       .id = "01x",
                                       .type = "t",
                                       .title = "T\n\"",
                                       .body = "B\x01",
                                       .data = "{}",
                                       .collapse_key = "k",
                                       .expires_at = 9 * kMillisecond,
                                       .revision = 3},
                                      EntryKind::revision, 4 * kMillisecond);
    EXPECT_EQ(value.at("kind"), "revision");
    EXPECT_EQ(value.at("type"), "t");
    EXPECT_EQ(value.at("title"), "T\n\"");
    EXPECT_EQ(value.at("body"), "B\x01");
    EXPECT_EQ(value.at("collapse_key"), "k");
    EXPECT_EQ(value.at("priority"), -2);
    EXPECT_EQ(value.at("expires_at"), 9);
    EXPECT_EQ(value.at("revision"), 3);
    EXPECT_EQ(value.at("read_at"), 4);
    EXPECT_EQ(encoded({}, EntryKind::retraction).at("kind"), "retraction");
}

TEST_F(BelfryV1Test, JsonDataIsKeptByteForByte) {
    for (const char* type : {"", "application/json"}) {
        encoded({.data = R"({"n" : 1.50, "big":123456789012345678901})", .data_type = type});
        EXPECT_NE(text.find(R"("data":{"n" : 1.50, "big":123456789012345678901})"),
                  std::string::npos);
    }
}

TEST_F(BelfryV1Test, OtherDataIsBase64) {
    const json::value value = encoded({.data = "\x89PNG", .data_type = "image/png"});
    EXPECT_EQ(value.at("data_type"), "image/png");
    EXPECT_EQ(value.at("data_base64"), "iVBORw==");
    EXPECT_EQ(value.as_object().if_contains("data"), nullptr);
}

TEST_F(BelfryV1Test, MessagesAreJson) {
    const Following following{"topic:x", {{true, 7, 3, 9, 2, "topic:x"}, 9, false, "expired"}};
    EXPECT_EQ(json::parse(dialect.lost(following)),
              json::parse(R"({"op":"lost","stream":"topic:x","token":"7.9","recovered":false,
                              "reason":"expired","earliest":3,"head":9,"unread":2})"));
    const Following fine{"topic:x", {{true, 7, 3, 9, 2, "topic:x"}, 4, true, {}}};
    const json::value subscribed = json::parse(dialect.subscribed(fine));
    EXPECT_EQ(subscribed.at("op"), "subscribed");
    EXPECT_EQ(subscribed.at("recovered"), true);
    EXPECT_EQ(subscribed.at("token"), "7.4");
    EXPECT_EQ(subscribed.as_object().if_contains("reason"), nullptr);
    EXPECT_EQ(
        json::parse(dialect.failed({Code::not_found, "no \"such\""}, "ack")),
        json::parse(R"({"op":"error","code":"not_found","message":"no \"such\"","about":"ack"})"));
    EXPECT_EQ(json::parse(dialect.goaway(1500 * kMillisecond)),
              json::parse(R"({"op":"goaway","after_ms":1500})"));
}

}  // namespace
}  // namespace belfry::live
