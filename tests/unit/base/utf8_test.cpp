#include "daemon/base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace belfry {
namespace {

TEST(Utf8, TakesWellFormedText) {
    using namespace std::string_view_literals;
    for (const std::string_view text :
         {""sv, "plain"sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv,
          "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xef\xbb\xbf"sv,
          "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv, "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z"sv}) {
        EXPECT_TRUE(is_utf8(text)) << testing::PrintToString(std::string(text));
    }
}

TEST(Utf8, RefusesTheRest) {
    using namespace std::string_view_literals;
    for (const std::string_view text : {"\x80"sv,
                                        "\xbf"sv,
                                        "\xc0\x80"sv,
                                        "\xc1\xbf"sv,
                                        "\xc2"sv,
                                        "\xc2\x7f"sv,
                                        "\xc2\xc0"sv,
                                        "\xe0\x80\x80"sv,
                                        "\xe0\x9f\xbf"sv,
                                        "\xed\xa0\x80"sv,
                                        "\xed\xbf\xbf"sv,
                                        "\xe2\x82"sv,
                                        "\xe2"sv,
                                        "\xf0\x80\x80\x80"sv,
                                        "\xf0\x8f\xbf\xbf"sv,
                                        "\xf4\x90\x80\x80"sv,
                                        "\xf0\x9f\x98"sv,
                                        "\xf5\x80\x80\x80"sv,
                                        "\xf8\x88\x80\x80\x80"sv,
                                        "\xfe"sv,
                                        "\xff"sv,
                                        "good\xe2\x82\xac then \xe2\x28\xa1"sv,
                                        "cut \xf0\x9f"sv}) {
        EXPECT_FALSE(is_utf8(text)) << testing::PrintToString(std::string(text));
    }
}

std::string encode(std::uint32_t point) {
    const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
    if (point < 0x80) {
        return {byte(point)};
    }
    if (point < 0x800) {
        return {byte(0xc0U | point >> 6U), byte(0x80U | (point & 63U))};
    }
    if (point < 0x10000) {
        return {byte(0xe0U | point >> 12U), byte(0x80U | (point >> 6U & 63U)),
                byte(0x80U | (point & 63U))};
    }
    return {byte(0xf0U | point >> 18U), byte(0x80U | (point >> 12U & 63U)),
            byte(0x80U | (point >> 6U & 63U)), byte(0x80U | (point & 63U))};
}

TEST(Utf8, KnowsEveryCodePoint) {
    for (std::uint32_t point = 0; point < 0x110000; ++point) {
        const bool is_surrogate = point >= 0xd800 && point < 0xe000;
        ASSERT_EQ(is_utf8(encode(point)), !is_surrogate) << point;
    }
    EXPECT_FALSE(is_utf8(encode(0x110000)));
}

}  // namespace
}  // namespace belfry
