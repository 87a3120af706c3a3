// Frames of clients (RFC 6455 5): each case is sent whole and byte by byte, with the same effect.
#include "tests/unit/delivery_websocket/client.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace belfry::test {
namespace {

constexpr int kOpen = -1;

struct Case {
    std::string name;
    std::string bytes;
    int closed = kOpen;
    std::vector<std::string> messages = {};
};

const FrameShape kNotLast{.fin = false};

std::string part(std::uint8_t opcode, std::string_view payload) {
    return frame(opcode, payload, kNotLast);
}

std::string close(std::string_view payload) { return frame(8, payload); }

std::vector<Case> lengths() {
    std::vector<Case> cases;
    for (const std::size_t length : {0, 1, 124, 125, 126, 127, 4095, 4096, 4097, 65'535, 65'536}) {
        const std::string payload(length, 'x');
        cases.push_back({"length_" + std::to_string(length), frame(1, payload), kOpen, {payload}});
    }
    const std::string high_bit(
        "\x82\xff\x80\0\0\0\0\0\0\x01"
        "mask"
        "x",
        15);
    const std::string huge(
        "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"
        "mask"
        "x",
        15);
    cases.push_back({"length_5_in_2_bytes", frame(1, "hello", {.length_bytes = 2}), 1002});
    cases.push_back(
        {"length_125_in_2_bytes", frame(1, std::string(125, 'x'), {.length_bytes = 2}), 1002});
    cases.push_back({"length_0_in_8_bytes", frame(1, "", {.length_bytes = 8}), 1002});
    cases.push_back(
        {"length_65535_in_8_bytes", frame(1, std::string(65'535, 'x'), {.length_bytes = 8}), 1002});
    cases.push_back({"length_high_bit", high_bit, 1002});
    cases.push_back({"length_2_to_63_less_1", huge, 1009});
    cases.push_back({"length_65537", frame(2, std::string(65'537, 'x')), 1009});
    return cases;
}

std::vector<Case> heads() {
    std::vector<Case> cases;
    for (std::uint8_t opcode = 0; opcode < 16; ++opcode) {
        if ((opcode > 2 && opcode < 8) || opcode > 10) {
            cases.push_back({"opcode_" + std::to_string(opcode), frame(opcode, "x"), 1002});
            cases.push_back({"opcode_empty_" + std::to_string(opcode), frame(opcode, ""), 1002});
        }
        if (opcode == 1 || opcode == 2 || (opcode > 7 && opcode < 11)) {
            const auto payload = opcode == 8 ? close_payload(1000) : "x";
            cases.push_back({"unmasked_" + std::to_string(opcode),
                             frame(opcode, payload, {.masked = false}), 1002});
        }
    }
    for (std::uint8_t rsv = 1; rsv < 8; ++rsv) {
        cases.push_back({"rsv_" + std::to_string(rsv), frame(1, "x", {.rsv = rsv}), 1002});
        cases.push_back({"rsv_ping_" + std::to_string(rsv), frame(9, "", {.rsv = rsv}), 1002});
    }
    return cases;
}

std::vector<Case> fragments() {
    return {
        {"two", part(1, "ab") + frame(0, "cd"), kOpen, {"abcd"}},
        {"many", part(2, "a") + part(0, "b") + part(0, "") + frame(0, "c"), kOpen, {"abc"}},
        {"empty_first", part(1, "") + frame(0, "x"), kOpen, {"x"}},
        {"all_empty", part(1, "") + part(0, "") + frame(0, ""), kOpen, {""}},
        {"ping_between", part(1, "a") + frame(9, "p") + frame(0, "b"), kOpen, {"ab"}},
        {"pong_between", part(1, "a") + frame(10, "") + frame(0, "b"), kOpen, {"ab"}},
        {"close_between", part(1, "a") + close(close_payload(1000)) + frame(0, "b"), 1000},
        {"two_messages",
         part(1, "a") + frame(0, "b") + part(2, "c") + frame(0, "d"),
         kOpen,
         {"ab", "cd"}},
        {"continuation_first", frame(0, "x"), 1002},
        {"continuation_part_first", part(0, "x"), 1002},
        {"continuation_after_whole", frame(1, "a") + frame(0, "b"), 1002, {"a"}},
        {"message_inside", part(1, "a") + frame(1, "b"), 1002},
        {"message_part_inside", part(1, "a") + part(2, "b"), 1002},
        {"fragmented_ping", part(9, "x"), 1002},
        {"fragmented_pong", part(10, "x"), 1002},
        {"fragmented_close", part(8, close_payload(1000)), 1002},
        {"long_ping", frame(9, std::string(126, 'x')), 1002},
        {"long_pong", frame(10, std::string(126, 'x')), 1002},
        {"long_close", close(close_payload(1000, std::string(124, 'x'))), 1002},
        {"ping_125", frame(9, std::string(125, 'x'))},
    };
}

std::vector<Case> closes() {
    std::vector<Case> cases;
    for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
                           3000, 3999, 4000, 4999}) {
        const auto payload = close_payload(static_cast<std::uint16_t>(code), "bye");
        cases.push_back({"code_" + std::to_string(code), close(payload), code});
    }
    for (const int code :
         {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65'535}) {
        const auto payload = close_payload(static_cast<std::uint16_t>(code));
        cases.push_back({"code_" + std::to_string(code), close(payload), 1002});
    }
    cases.push_back({"close_empty", close(""), 0});
    cases.push_back({"close_one_byte", close("x"), 1002});
    cases.push_back({"close_reason_123", close(close_payload(1000, std::string(123, 'x'))), 1000});
    cases.push_back({"close_reason_utf8", close(close_payload(1000, "\xc3\xa9")), 1000});
    cases.push_back({"close_reason_not_utf8", close(close_payload(1000, "\xc3")), 1007});
    cases.push_back({"nothing_after_close", close("") + frame(1, "x") + frame(9, ""), 0});
    return cases;
}

class Frames : public testing::TestWithParam<Case> {};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

TEST_P(Frames, HaveTheirEffectInAnyPieces) {
    const Case& one = GetParam();
    Server server;
    const Seen whole = talk(server, one.bytes);
    EXPECT_EQ(whole.closed(), one.closed);
    EXPECT_EQ(whole.finished, one.closed != kOpen);
    EXPECT_EQ(whole.messages, one.messages);
    EXPECT_EQ(talk(server, one.bytes, 1), whole);
    EXPECT_TRUE(server.host().violations().empty());
}

std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Length, Frames, testing::ValuesIn(lengths()), name_of);
INSTANTIATE_TEST_SUITE_P(Head, Frames, testing::ValuesIn(heads()), name_of);
INSTANTIATE_TEST_SUITE_P(Fragment, Frames, testing::ValuesIn(fragments()), name_of);
INSTANTIATE_TEST_SUITE_P(Close, Frames, testing::ValuesIn(closes()), name_of);

TEST(Control, PingIsAnsweredWithItsPayloadInOrder) {
    Server server;
    const Seen seen = talk(server, frame(9, "one") + part(1, "a") + frame(9, "") + frame(0, "b"));
    EXPECT_EQ(seen.frames, (std::vector<ServerFrame>{{10, "one"}, {10, ""}}));
}

TEST(Control, PongAndPingAreSignsOfLife) {
    Server server;
    testkit::Link link(server.instance());
    server.connect(link);
    link.read(frame(10, "anything"));
    EXPECT_EQ(link.alive(), 1U);
    link.read(frame(9, ""));
    EXPECT_EQ(link.alive(), 2U);
    EXPECT_EQ(link.received().size(), 0U);
}

TEST(Control, CloseIsAnsweredWithTheSameCodeAndNoReason) {
    Server server;
    const Seen seen = talk(server, frame(8, close_payload(4001, "gone fishing")));
    EXPECT_EQ(seen.frames, (std::vector<ServerFrame>{{8, close_payload(4001)}}));
}

TEST(Control, TextAndBinaryAreToldApart) {
    Server server;
    testkit::Link link(server.instance());
    server.connect(link);
    link.read(frame(2, "\xff\xfe") + frame(1, "text"));
    ASSERT_EQ(link.received().size(), 2U);
    EXPECT_FALSE(link.received()[0].is_text);
    EXPECT_TRUE(link.received()[1].is_text);
}

}  // namespace
}  // namespace belfry::test
