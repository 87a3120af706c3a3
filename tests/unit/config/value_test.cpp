#include "daemon/config/profile.hpp"
#include "daemon/config/schema.hpp"
#include "tests/unit/config/support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace belfry::config::test {
namespace {

/// A schema, a YAML value, and the canonical JSON, or empty where it is refused.
struct Value {
    std::string schema;
    std::string yaml;
    std::string canonical;
};

class OneValue : public testing::TestWithParam<Value> {};

TEST_P(OneValue, IsConvertedOrRefused) {
    const auto checked = validate_text(GetParam().schema, GetParam().yaml);
    EXPECT_EQ(checked.ok(), !GetParam().canonical.empty()) << joined(checked.problems);
    if (checked.ok()) {
        EXPECT_EQ(to_json_text(checked.canonical), GetParam().canonical);
    } else {
        EXPECT_TRUE(joined(checked.problems).starts_with("p.yaml:1:1: expected "))
            << joined(checked.problems);
    }
}

const std::string kInteger = R"({"type":"integer"})";
INSTANTIATE_TEST_SUITE_P(
    Integer, OneValue,
    testing::Values(
        Value{kInteger, "0", "0"}, Value{kInteger, "-5", "-5"}, Value{kInteger, "+5", "5"},
        Value{kInteger, "9223372036854775807", "9223372036854775807"},
        Value{kInteger, "-9223372036854775808", "-9223372036854775808"},
        Value{kInteger, "9223372036854775808", ""}, Value{kInteger, "08080", ""},
        Value{kInteger, "0x1F", ""}, Value{kInteger, "0o17", ""}, Value{kInteger, "1_000", ""},
        Value{kInteger, "1.0", ""}, Value{kInteger, "1e3", ""}, Value{kInteger, "+-5", ""},
        Value{kInteger, "--5", ""}, Value{kInteger, "\"5\"", ""}, Value{kInteger, "!!str 5", ""},
        Value{kInteger, "5s", ""}, Value{kInteger, "[]", ""}, Value{kInteger, "{}", ""},
        Value{kInteger, "\"\"", ""}));

const std::string kNumber = R"({"type":"number","minimum":-10,"maximum":1e300})";
INSTANTIATE_TEST_SUITE_P(Number, OneValue,
                         testing::Values(Value{kNumber, "1.5", "1.5"}, Value{kNumber, "2", "2"},
                                         Value{kNumber, "2.0", "2"},
                                         Value{kNumber, "-1e-3", "-0.001"},
                                         Value{kNumber, "+.5", "0.5"}, Value{kNumber, "-10", "-10"},
                                         Value{kNumber, "-10.1", ""}, Value{kNumber, "1e301", ""},
                                         Value{kNumber, "1e400", ""}, Value{kNumber, ".nan", ""},
                                         Value{kNumber, ".inf", ""}, Value{kNumber, "nan", ""},
                                         Value{kNumber, "inf", ""}, Value{kNumber, "1.5.2", ""},
                                         Value{kNumber, "e", ""}, Value{kNumber, "1,5", ""},
                                         Value{kNumber, "\"1.5\"", ""}));

const std::string kBoolean = R"({"type":"boolean"})";
INSTANTIATE_TEST_SUITE_P(Boolean, OneValue,
                         testing::Values(Value{kBoolean, "true", "true"},
                                         Value{kBoolean, "false", "false"},
                                         Value{kBoolean, "yes", ""}, Value{kBoolean, "no", ""},
                                         Value{kBoolean, "on", ""}, Value{kBoolean, "True", ""},
                                         Value{kBoolean, "1", ""},
                                         Value{kBoolean, "\"true\"", ""}));

const std::string kText = R"({"type":"string"})";
const std::string kShort = R"({"type":"string","minLength":2,"maxLength":3,"pattern":"^[a-zä]+$"})";
INSTANTIATE_TEST_SUITE_P(
    Text, OneValue,
    testing::Values(Value{kText, "yes", R"("yes")"}, Value{kText, "no", R"("no")"},
                    Value{kText, "08080", R"("08080")"}, Value{kText, "1.10", R"("1.10")"},
                    Value{kText, "\"null\"", R"("null")"}, Value{kText, "'a\"b'", R"("a\"b")"},
                    Value{kText, "[a]", ""}, Value{kText, "{a: b}", ""},
                    Value{kShort, "ab", R"("ab")"}, Value{kShort, "äää", R"("äää")"},
                    Value{kShort, "a", ""}, Value{kShort, "abcd", ""}, Value{kShort, "A1", ""}));

const std::string kDuration =
    R"({"type":"integer","x-unit":"duration","minimum":"-1s","maximum":"2d"})";
INSTANTIATE_TEST_SUITE_P(
    Duration, OneValue,
    testing::Values(Value{kDuration, "500ms", "500000000"}, Value{kDuration, "2s", "2000000000"},
                    Value{kDuration, "5m", "300000000000"}, Value{kDuration, "1h", "3600000000000"},
                    Value{kDuration, "1d", "86400000000000"}, Value{kDuration, "0", "0"},
                    Value{kDuration, "0s", "0"}, Value{kDuration, "\"2s\"", "2000000000"},
                    Value{kDuration, "-1s", "-1000000000"}, Value{kDuration, "5", ""},
                    Value{kDuration, "3d", ""}, Value{kDuration, "-2s", ""},
                    Value{kDuration, "1.5s", ""}, Value{kDuration, "5 s", ""},
                    Value{kDuration, "5S", ""}, Value{kDuration, "s", ""},
                    Value{kDuration, "1h30m", ""}, Value{kDuration, "5KiB", ""},
                    Value{kDuration, "9223372036854775807d", ""}, Value{kDuration, "01s", ""}));

const std::string kSize = R"({"type":"integer","x-unit":"bytes","minimum":1})";
INSTANTIATE_TEST_SUITE_P(
    Size, OneValue,
    testing::Values(Value{kSize, "512", "512"}, Value{kSize, "64KiB", "65536"},
                    Value{kSize, "1MiB", "1048576"}, Value{kSize, "2GiB", "2147483648"},
                    Value{kSize, "0", ""}, Value{kSize, "-1KiB", ""}, Value{kSize, "1KB", ""},
                    Value{kSize, "1kib", ""}, Value{kSize, "1 MiB", ""}, Value{kSize, "1.5MiB", ""},
                    Value{kSize, "9223372036854775807GiB", ""}, Value{kSize, "5s", ""}));

INSTANTIATE_TEST_SUITE_P(
    Choice, OneValue,
    testing::Values(Value{R"({"type":"string","enum":["a","b"]})", "b", R"("b")"},
                    Value{R"({"type":"string","enum":["a","b"]})", "c", ""},
                    Value{R"({"type":"integer","enum":[1,2]})", "2", "2"},
                    Value{R"({"type":"integer","enum":[1,2]})", "3", ""},
                    Value{R"({"type":"string","const":"yes"})", "yes", R"("yes")"},
                    Value{R"({"type":"boolean","const":true})", "false", ""}));

INSTANTIATE_TEST_SUITE_P(
    Collection, OneValue,
    testing::Values(Value{R"({"type":"array","minItems":1,"maxItems":2})", "[1, 2]", "[1,2]"},
                    Value{R"({"type":"array","minItems":1})", "[]", ""},
                    Value{R"({"type":"array","maxItems":1})", "[1, 2]", ""},
                    Value{R"({"type":"array"})", "{}", ""}, Value{R"({"type":"array"})", "a", ""},
                    Value{R"({"type":"array","uniqueItems":true})", "[1, '1']", R"([1,"1"])"},
                    Value{R"({"type":"object"})", "[]", ""}, Value{R"({"type":"object"})", "a", ""},
                    Value{R"({"type":"object","additionalProperties":true})", "{b: [x], a: }",
                          R"({"a":null,"b":["x"]})"},
                    Value{R"({"type":"object","additionalProperties":{"type":"integer"}})",
                          "{b: 1}", R"({"b":1})"}));

TEST(CanonicalText, WritesNumbersInTheirShortestForm) {
    EXPECT_EQ(to_json_text(1.5), "1.5");
    EXPECT_EQ(to_json_text(1e300), "1e+300");
    EXPECT_EQ(to_json_text({{"b", {1, nullptr, true}}, {"a", "\n"}}),
              R"({"a":"\n","b":[1,null,true]})");
}

TEST(Address, IsReadAndWrittenAlike) {
    for (const char* good : {"127.0.0.1:8480", "0.0.0.0:0", "[::1]:65535", "unix:/run/x.sock"}) {
        const auto address = parse_address(good);
        ASSERT_TRUE(address.has_value()) << good;
        EXPECT_EQ(to_string(*address), good);
    }
}

TEST(Address, IsRefusedWhereItIsNone) {
    const std::string too_long = "unix:/" + std::string(120, 'x');
    for (const std::string bad : {"",
                                  ":",
                                  ":80",
                                  "80",
                                  "localhost:80",
                                  "127.0.0.1",
                                  "127.0.0.1:",
                                  "127.0.0.1:65536",
                                  "127.0.0.1:-1",
                                  "127.0.0.1:080",
                                  "127.0.0.1:80x",
                                  "127.1:80",
                                  "[::1]",
                                  "::1:80",
                                  "[127.0.0.1]:80",
                                  "[::1%lo]:80",
                                  "[]:80",
                                  "unix:",
                                  "unix:relative",
                                  "unix:@abstract",
                                  too_long.c_str()}) {
        EXPECT_FALSE(parse_address(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace belfry::config::test
