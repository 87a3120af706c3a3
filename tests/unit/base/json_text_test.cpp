#include "daemon/base/json_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace belfry {
namespace {

namespace json = boost::json;

std::string written(std::string_view text) {
    std::string out;
    append_json(out, text);
    return out;
}

TEST(AppendJson, EscapesWhatMustBe) {
    EXPECT_EQ(written(""), R"("")");
    EXPECT_EQ(written("a\"b\\c/d"), R"("a\"b\\c/d")");
    EXPECT_EQ(written("\n\r\t\b\f"), R"("\n\r\t\u0008\u000c")");
    EXPECT_EQ(written(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
    EXPECT_EQ(written("\xe2\x82\xac"), "\"\xe2\x82\xac\"");
}

TEST(AppendJson, IsReadBackByAParser) {
    std::mt19937 engine(7);
    for (int round = 0; round < 500; ++round) {
        std::string text;
        for (auto i = engine() % 40; i > 0; --i) {
            text += engine() % 8 == 0 ? std::string("\xf0\x9f\x98\x80")
                                      : std::string(1, static_cast<char>(engine() % 128));
        }
        EXPECT_EQ(std::string(json::parse(written(text)).as_string()), text);
    }
}

TEST(AppendJson, AddsToWhatIsThere) {
    std::string out = "[";
    append_json(out, "a");
    EXPECT_EQ(out, "[\"a\"");
}

TEST(JsonObject, WritesMembersInOrder) {
    std::string out;
    JsonObject(out)
        .text("te\"xt", "v\n")
        .number("least", INT64_MIN)
        .number("most", INT64_MAX)
        .boolean("yes", true)
        .boolean("no", false)
        .raw("raw", R"([1, {"a":null}])");
    const json::value value = json::parse(out);
    EXPECT_EQ(value.at("te\"xt"), "v\n");
    EXPECT_EQ(value.at("least").as_int64(), INT64_MIN);
    EXPECT_EQ(value.at("most").as_int64(), INT64_MAX);
    EXPECT_EQ(value.at("yes"), true);
    EXPECT_EQ(value.at("no"), false);
    EXPECT_NE(out.find(R"("raw":[1, {"a":null}])"), std::string::npos);
    EXPECT_LT(out.find("least"), out.find("most"));
}

TEST(JsonObject, CanBeEmpty) {
    std::string out;
    {
        const JsonObject object(out);
    }
    EXPECT_EQ(out, "{}");
}

TEST(Base64, HoldsTheVectorsOfTheRfc) {
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foo"), "Zm9v");
    EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
    EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
    EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(to_base64(std::string("\x00\xff\xfb\xef\xbe", 5)), "AP/7774=");
}

}  // namespace
}  // namespace belfry
