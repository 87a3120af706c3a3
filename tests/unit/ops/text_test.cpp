#include "daemon/base/json_slices.hpp"
#include "daemon/base/time_text.hpp"
#include "daemon/ops/input_schema.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace belfry::test {
namespace {

using ops::InputSchema;

TEST(JsonSlicesTest, FindsMembersByteForByte) {
    const std::string_view object =
        " {\"a\" : 1.50 ,\"b\":\t[ {\"a\":2}, \"]\" ] ,\"c\\\"\":{\"x\":\"}\"},\"\\u0064\":null , "
        "\"e\":\"q\\\\\" } ";
    EXPECT_EQ(raw_member(object, "a"), "1.50");
    EXPECT_EQ(raw_member(object, "b"), "[ {\"a\":2}, \"]\" ]");
    EXPECT_EQ(raw_member(object, "c\""), "{\"x\":\"}\"}");
    EXPECT_EQ(raw_member(object, "d"), "null");
    EXPECT_EQ(raw_member(object, "e"), "\"q\\\\\"");
    EXPECT_EQ(raw_member(object, "x"), "");
    EXPECT_EQ(raw_member("{}", "x"), "");
    EXPECT_EQ(raw_member("{\"n\":-1e5}", "n"), "-1e5");
}

TEST(JsonSlicesTest, SplitsArrays) {
    using Items = std::vector<std::string_view>;
    EXPECT_EQ(raw_items("[]"), Items{});
    EXPECT_EQ(raw_items(" [ ] "), Items{});
    EXPECT_EQ(raw_items("[1]"), Items{"1"});
    EXPECT_EQ(raw_items("[ 1 , \"a,]\" ,[2,[3]], {\"x\":[4,5]},true]"),
              (Items{"1", "\"a,]\"", "[2,[3]]", "{\"x\":[4,5]}", "true"}));
}

TEST(JsonSlicesTest, StaysInsideOfWhatIsNoJson) {
    for (const std::string_view text : {"", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"\\",
                                        "{\"a\":[", "[", "[\"", "[{"}) {
        raw_member(text, "a");
        raw_items(text);
    }
}

TEST(TimeTextTest, ReadsRfc3339) {
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_rfc3339("2026-11-20T18:29:31.042Z"), 1'795'199'371'042'000'000);
    EXPECT_EQ(parse_rfc3339("2026-11-20t19:29:31.042+01:00"), 1'795'199'371'042'000'000);
    EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00.123456789-00:30"), 1'709'166'600'123'456'789);
    EXPECT_EQ(to_rfc3339(parse_rfc3339("2026-11-20T18:29:31.042Z").value_or(0)),
              "2026-11-20T18:29:31.042Z");
}

TEST(TimeTextTest, RefusesOtherText) {
    for (const char* text :
         {"", "2026-11-20", "2026-11-20T18:29:31", "2026-11-20 18:29:31Z", "2026-13-20T18:29:31Z",
          "2026-02-29T18:29:31Z", "2026-11-20T24:29:31Z", "2026-11-20T18:60:31Z",
          "2026-11-20T18:29:60Z", "2026-11-20T18:29:31.Z", "2026-11-20T18:29:31.0123456789Z",
          "2026-11-20T18:29:31Zx", "1969-12-31T23:59:59Z", "2262-01-01T00:00:00Z",
          "2026-11-20T18:29:31+0100", "2026-11-20T18:29:31+24:00", "+026-11-20T18:29:31Z"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
}

TEST(InputSchemaTest, RefusesSchemasItCannotCheck) {
    EXPECT_FALSE(InputSchema::parse("{"));
    EXPECT_FALSE(InputSchema::parse(R"({"type":"object","oneOf":[]})"));
    EXPECT_TRUE(InputSchema::parse(
        R"({"type":"object","properties":{"a":{"anyOf":[{}],"examples":[1]}}})"));
}

TEST(InputSchemaTest, PointsAtTheFirstFault) {
    const auto schema = InputSchema::parse(R"({"type":"object","required":["n"],"properties":{
        "n":{"type":"integer","minimum":1,"maximum":5},"s":{"type":"string","maxLength":2},
        "k":{"type":"string","enum":["a","b"]},"l":{"type":"array","maxItems":2,"items":{"type":"boolean"}},
        "o":{"type":"object","additionalProperties":true,"properties":{"x":{"type":"number"}}}}})");
    ASSERT_TRUE(schema) << schema.error().message;
    EXPECT_TRUE(schema->check(boost::json::parse(
        R"({"n":5,"s":"\u00e4\u00e4","k":"a","l":[true],"o":{"x":1.5,"y":0}})")));
    for (const auto& [input, pointer] : {std::pair{R"({"n":0})", "/n"},
                                         {R"({"n":6})", "/n"},
                                         {R"({"n":1.0})", "/n"},
                                         {R"({"n":"1"})", "/n"},
                                         {R"({"n":18446744073709551615})", "/n"},
                                         {R"({})", "/n"},
                                         {R"({"n":1,"s":"abc"})", "/s"},
                                         {R"({"n":1,"k":"c"})", "/k"},
                                         {R"({"n":1,"l":[true,1]})", "/l/1"},
                                         {R"({"n":1,"l":[true,true,true]})", "/l"},
                                         {R"({"n":1,"o":{"x":"1"}})", "/o/x"},
                                         {R"({"n":1,"z":1})", "/z"},
                                         {R"([])", ""}}) {
        const auto checked = schema->check(boost::json::parse(input));
        ASSERT_FALSE(checked) << input;
        EXPECT_EQ(checked.error().code, Code::invalid);
        EXPECT_EQ(checked.error().pointer, pointer) << input;
    }
}

}  // namespace
}  // namespace belfry::test
