#include "daemon/config/schema.hpp"

#include "tests/unit/config/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace belfry::config::test {
namespace {

using testing::HasSubstr;

struct Bad {
    const char* name;
    std::string schema;
    std::string pointer;
    std::string message;
};

class RefusedSchema : public testing::TestWithParam<Bad> {};

TEST_P(RefusedSchema, NamesTheKeyword) {
    const auto schema = Schema::parse(GetParam().schema);
    ASSERT_FALSE(schema.has_value());
    EXPECT_EQ(schema.error().pointer, GetParam().pointer);
    EXPECT_THAT(schema.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Keywords, RefusedSchema,
    testing::Values(
        Bad{"NotJson", "{", "", "expected a schema in JSON"},
        Bad{"TrailingBytes", "{} x", "", "expected a schema in JSON"},
        Bad{"TooDeep", std::string(1000, '['), "", "expected a schema in JSON"},
        Bad{"NotAnObject", "[]", "", "expected a schema (an object"},
        Bad{"False", "false", "", "expected a schema (an object"},
        Bad{"Unknown", R"({"typ":"string"})", "/typ", "did you mean \"type\"?"},
        Bad{"Unsupported", R"({"anyOf":[]})", "/anyOf", "expected a supported keyword"},
        Bad{"UnknownDeep", R"({"type":"object","properties":{"a/b":{"foo":1}}})",
            "/properties/a~1b/foo", "expected a supported keyword"},
        Bad{"TypeList", R"({"type":["string"]})", "/type", "one of string, integer"},
        Bad{"TypeNull", R"({"type":"null"})", "/type", "one of string, integer"},
        Bad{"TypeAny", R"({"type":"any"})", "/type", "one of string, integer"},
        Bad{"IdBelow", R"({"type":"array","items":{"$id":"x"}})", "/items/$id",
            "supported keyword"},
        Bad{"NotForType", R"({"type":"integer","minLength":1})", "/minLength",
            "fits the type integer"},
        Bad{"NotForAny", R"({"properties":{}})", "/properties", "fits the type any"},
        Bad{"Properties", R"({"type":"object","properties":[]})", "/properties",
            "object of schemas"},
        Bad{"Required", R"({"type":"object","required":"a"})", "/required", "a list of keys"},
        Bad{"RequiredUnknown", R"({"type":"object","required":["a"]})", "/required", "found \"a\""},
        Bad{"Additional", R"({"type":"object","additionalProperties":1})", "/additionalProperties",
            "expected a schema"},
        Bad{"Items", R"({"type":"array","items":[{}]})", "/items", "expected a schema"},
        Bad{"EnumEmpty", R"({"type":"string","enum":[]})", "/enum", "a list of values"},
        Bad{"EnumType", R"({"type":"string","enum":["a",1]})", "/enum", "of the type string"},
        Bad{"Const", R"({"type":"boolean","const":"a"})", "/const", "of the type boolean"}),
    NameOf{});

INSTANTIATE_TEST_SUITE_P(
    Values, RefusedSchema,
    testing::Values(
        Bad{"Minimum", R"({"type":"integer","minimum":1.5})", "/minimum", "an integer"},
        Bad{"MinimumUnit", R"({"type":"integer","x-unit":"bytes","minimum":"1s"})", "/minimum",
            "a size"},
        Bad{"MaximumText", R"({"type":"number","maximum":"1"})", "/maximum", "a number"},
        Bad{"LengthNegative", R"({"type":"string","minLength":-1})", "/minLength", "from 0"},
        Bad{"Pattern", R"x({"type":"string","pattern":"("})x", "/pattern", "a regular expression"},
        Bad{"PatternType", R"({"type":"string","pattern":1})", "/pattern", "a regular expression"},
        Bad{"Unique", R"({"type":"array","uniqueItems":1})", "/uniqueItems", "true or false"},
        Bad{"Description", R"({"description":1})", "/description", "a string"},
        Bad{"Unit", R"({"type":"integer","x-unit":"rate"})", "/x-unit", "\"bytes\""},
        Bad{"UnitOnString", R"({"type":"string","x-unit":"bytes"})", "/x-unit", "fits the type"},
        Bad{"Secret", R"({"type":"string","x-secret":"yes"})", "/x-secret", "true or false"},
        Bad{"SecretOnMap", R"({"type":"object","x-secret":true})", "/x-secret", "fits the type"},
        Bad{"Reload", R"({"x-reload":"never"})", "/x-reload", "\"live\""},
        Bad{"Default", R"({"type":"integer","maximum":5,"default":6})", "/default",
            "expected an integer of at most 5, found \"6\""},
        Bad{"DefaultType", R"({"type":"integer","default":"6"})", "/default", "the text \"6\""},
        Bad{"DefaultVariable", R"({"type":"string","default":"${HOME}"})", "/default", "HOME"},
        Bad{"DefaultDeep",
            R"({"type":"object","properties":{"a":{"type":"boolean"}},"default":{"a":1}})",
            "/default", "(at a)"}),
    NameOf{});

TEST(Schema, FillsInDefaultsAndSortsKeys) {
    const auto checked = validate_text(R"({"type":"object","properties":{
        "z":{"type":"integer","x-unit":"duration","default":"2s"},
        "b":{"type":"object","default":{},"properties":{"y":{"default":[1]},"x":{"default":1.5}}},
        "a":{"type":"string"},"c":{"type":"object","properties":{"d":{"default":1}}}}})",
                                       "a: hi");
    EXPECT_TRUE(checked.ok());
    EXPECT_EQ(to_json_text(checked.canonical),
              R"({"a":"hi","b":{"x":1.5,"y":[1]},"z":2000000000})");
}

TEST(Schema, TreatsAKeyWithoutValueAsAbsent) {
    const auto checked = validate_text(
        R"({"type":"object","required":["b"],"properties":{"a":{"default":1},"b":{"type":"string"}}})",
        "a:\nb: ~");
    EXPECT_EQ(joined(checked.problems), "p.yaml:1:1: expected the key \"b\", found none\n");
    EXPECT_EQ(checked.canonical.at("a"), 1);
}

TEST(Schema, ReportsEveryProblemWithItsPlace) {
    const auto checked =
        validate_text(R"({"type":"object","properties":{
        "shards":{"type":"integer","maximum":8},
        "names":{"type":"array","uniqueItems":true,"maxItems":1,"items":{"type":"string"}},
        "on":{"type":"boolean"}}})",
                      "Shards: 1\nshards: 9\nnames: [a, [], a]\non: yes\nzzzzz: 1");
    EXPECT_EQ(
        joined(checked.problems),
        "p.yaml:1:1: Shards: expected a known key, found \"Shards\"; did you mean \"shards\"?\n"
        "p.yaml:2:9: shards: expected an integer of at most 8, found \"9\"\n"
        "p.yaml:3:12: names[1]: expected text, found a list\n"
        "p.yaml:3:8: names: expected a list of at most 1 items, found 3\n"
        "p.yaml:4:5: on: expected true or false, found \"yes\"\n"
        "p.yaml:5:1: zzzzz: expected a known key, found \"zzzzz\"; known are names, on, shards\n");
}

TEST(Schema, StopsListingProblemsAtSomePoint) {
    std::string yaml;
    for (int i = 0; i < 4000; ++i) {
        yaml += "k" + std::to_string(i) + ": 1\n";
    }
    EXPECT_EQ(validate_text(R"({"type":"object"})", yaml).problems.size(), 101U);
}

TEST(Schema, NamesThePathItWasGiven) {
    const auto schema =
        Schema::parse(R"({"type":"object","properties":{"url":{"type":"string"}}})");
    ASSERT_TRUE(schema.has_value());
    const Environment environment = make_environment();
    const Document document = parse_document("brokers:\n  main:\n    config: {ur: x}", "p.yaml");
    const Node* config = document.root.find("brokers")->find("main")->find("config");
    const auto checked = validate(*schema, *config, {environment, "brokers.main.config"});
    EXPECT_EQ(
        joined(checked.problems),
        "p.yaml:3:14: brokers.main.config.ur: expected a known key, found \"ur\"; did you mean "
        "\"url\"?\n");
}

TEST(Schema, AcceptsNothingWhereAMapBelongs) {
    const auto schema = Schema::parse(R"({"type":"object","properties":{"a":{"default":1}}})");
    ASSERT_TRUE(schema.has_value());
    const Environment environment = make_environment();
    EXPECT_EQ(to_json_text(validate(*schema, Node{}, {environment}).canonical), R"({"a":1})");
}

TEST(Schema, ReadsUntypedValuesByTheCoreSchema) {
    const auto checked = validate_text("true",
                                       "[1, -2, 1.5, 1e3, 08, 0x1F, .nan, yes, true, 'true', ~, "
                                       "{b: 1, a: x}, 99999999999999999999]");
    EXPECT_TRUE(checked.ok()) << joined(checked.problems);
    EXPECT_EQ(
        to_json_text(checked.canonical),
        R"([1,-2,1.5,1000,"08","0x1F",".nan","yes",true,"true",null,{"a":"x","b":1},"99999999999999999999"])");
}

TEST(Schema, PutsUpWithHostilePatterns) {
    const auto checked =
        validate_text(R"({"type":"string","pattern":"^(a+)+$"})", std::string(200, 'a') + "!");
    EXPECT_EQ(checked.problems.size(), 1U);
}

TEST(Schema, AcceptsItsOwnDocumentation) {
    EXPECT_TRUE(Schema::parse(R"({"$schema":"x","$id":"y","title":"t","description":"d",
        "type":"string","x-reload":"live"})"));
}

}  // namespace
}  // namespace belfry::config::test
