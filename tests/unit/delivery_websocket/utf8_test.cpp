// Text must be UTF-8 (RFC 3629), and what is not is refused at the first byte that shows it.
#include "tests/unit/delivery_websocket/client.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

using namespace std::string_literals;

const std::vector<std::string> kValid{"",
                                      "plain",
                                      "\0"s,
                                      "\x7f",
                                      "\xc2\x80",
                                      "\xdf\xbf",
                                      "\xe0\xa0\x80",
                                      "\xe0\xbf\xbf",
                                      "\xe1\x80\x80",
                                      "\xec\xbf\xbf",
                                      "\xed\x80\x80",
                                      "\xed\x9f\xbf",
                                      "\xee\x80\x80",
                                      "\xef\xbf\xbd",
                                      "\xef\xbf\xbe",
                                      "\xef\xbf\xbf",
                                      "\xf0\x90\x80\x80",
                                      "\xf0\x9f\x94\x94",
                                      "\xf1\x80\x80\x80",
                                      "\xf3\xbf\xbf\xbf",
                                      "\xf4\x80\x80\x80",
                                      "\xf4\x8f\xbf\xbf",
                                      "\xef\xbb\xbf mark",
                                      "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
                                      "x\xc3\xa9 y\xe2\x82\xac z\xf0\x9f\x98\x80",
                                      "e\xcc\x81"};

/// What is wrong shows with the last byte.
const std::vector<std::string> kWrong{"\x80",
                                      "\xbf",
                                      "\xc0",
                                      "\xc1",
                                      "\xf5",
                                      "\xf6",
                                      "\xf8",
                                      "\xfc",
                                      "\xfe",
                                      "\xff",
                                      "a\x80",
                                      "\xc2\x41",
                                      "\xc2\xc2",
                                      "\xc2\x7f",
                                      "\xc2\xff",
                                      "\xdf\xc0",
                                      "\xc2\x80\x80",
                                      "\xe0\x80",
                                      "\xe0\x9f",
                                      "\xe0\xa0\x7f",
                                      "\xe0\xa0\xc0",
                                      "\xe1\x7f",
                                      "\xe1\xc0",
                                      "\xe1\x80\x41",
                                      "\xed\xa0",
                                      "\xed\xad",
                                      "\xed\xaf",
                                      "\xed\xb0",
                                      "\xed\xbf",
                                      "\xed\x9f\xc0",
                                      "\xef\xbf\xff",
                                      "\xf0\x80",
                                      "\xf0\x8f",
                                      "\xf0\x90\x7f",
                                      "\xf0\x90\x80\x41",
                                      "\xf0\x90\x80\xc0",
                                      "\xf1\xc0",
                                      "\xf4\x90",
                                      "\xf4\xbf",
                                      "\xf4\x8f\xc0",
                                      "\xf4\x8f\xbf\xff",
                                      "text\xf0\x9f\x94\x94\xff"};

/// Sound so far, and not at an end.
const std::vector<std::string> kCut{"\xc2",     "\xdf",         "\xe0",         "\xe0\xa0",
                                    "\xe1\x80", "\xed\x9f",     "\xef\xbf",     "\xf0",
                                    "\xf0\x90", "\xf0\x90\x80", "\xf4\x8f\xbf", "text\xe2\x82"};

std::string fragmented(const std::string& text, bool finish) {
    std::string bytes;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool last = finish && at + 1 == text.size();
        bytes += frame(at == 0 ? 1 : 0, text.substr(at, 1), {.fin = last});
    }
    return bytes;
}

TEST(Utf8, HasEnoughVectors) { EXPECT_GE(kValid.size() + kWrong.size() + kCut.size(), 60U); }

TEST(Utf8, ValidTextArrives) {
    Server server;
    for (const auto& text : kValid) {
        const Seen seen = talk(server, frame(1, text));
        EXPECT_EQ(seen.messages, std::vector{text}) << testing::PrintToString(text);
        EXPECT_EQ(talk(server, frame(1, text), 1), seen);
        if (!text.empty()) {
            EXPECT_EQ(talk(server, fragmented(text, true)), seen) << testing::PrintToString(text);
        }
    }
}

TEST(Utf8, WrongTextClosesWith1007) {
    Server server;
    for (const auto& text : kWrong) {
        EXPECT_EQ(talk(server, frame(1, text)).closed(), 1007) << testing::PrintToString(text);
        EXPECT_EQ(talk(server, fragmented(text, true)).closed(), 1007)
            << testing::PrintToString(text);
    }
}

TEST(Utf8, FailsBeforeTheMessageEnds) {
    Server server;
    for (const auto& text : kWrong) {
        EXPECT_EQ(talk(server, fragmented(text, false)).closed(), 1007)
            << testing::PrintToString(text);
        const std::string longer = frame(1, text + "more of it");
        const auto head = longer.size() - 10;
        EXPECT_EQ(talk(server, std::string_view(longer).substr(0, head), 1).closed(), 1007)
            << testing::PrintToString(text);
    }
}

TEST(Utf8, CutCodePointClosesAtTheEndOnly) {
    Server server;
    for (const auto& text : kCut) {
        EXPECT_EQ(talk(server, fragmented(text, false)).closed(), -1)
            << testing::PrintToString(text);
        EXPECT_EQ(talk(server, frame(1, text)).closed(), 1007) << testing::PrintToString(text);
        EXPECT_EQ(talk(server, fragmented(text, true)).closed(), 1007)
            << testing::PrintToString(text);
    }
}

TEST(Utf8, BinaryIsNotChecked) {
    Server server;
    for (const auto& text : kWrong) {
        EXPECT_EQ(talk(server, frame(2, text)).messages, std::vector{text});
    }
}

}  // namespace
}  // namespace belfry::test
