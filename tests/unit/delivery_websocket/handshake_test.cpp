// The opening handshake (RFC 6455 4.2): what is accepted, what is refused, and with which status.
#include "tests/unit/delivery_websocket/client.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace belfry::test {
namespace {

struct Case {
    std::string name;
    testkit::Request request;
    std::uint32_t status;
    std::string header = {};  ///< must be in the answer
    std::string value = {};
};

testkit::Request with(std::string_view name, std::string_view value) {
    return handshake_with(name, value);
}

testkit::Request twice(std::string_view name, std::string_view value) {
    testkit::Request request = handshake();
    request.headers.emplace_back(name, value);
    return request;
}

testkit::Request changed(void (*change)(testkit::Request&)) {
    testkit::Request request = handshake();
    change(request);
    return request;
}

std::string many_protocols(int count) {
    std::string list = "belfry.v1";
    for (int number = 1; number < count; ++number) {
        list += ", p" + std::to_string(number);
    }
    return list;
}

std::vector<Case> refused_fields() {
    constexpr const char* kVersion = "sec-websocket-version";
    constexpr const char* kKey = "sec-websocket-key";
    return {
        {"version_8", with(kVersion, "8"), 426, kVersion, "13"},
        {"version_14", with(kVersion, "14"), 426, kVersion, "13"},
        {"version_none", with(kVersion, ""), 426, kVersion, "13"},
        {"version_word", with(kVersion, "13a"), 426, kVersion, "13"},
        {"version_zero_first", with(kVersion, "013"), 426, kVersion, "13"},
        {"version_list", with(kVersion, "13, 8"), 426, kVersion, "13"},
        {"version_twice", twice(kVersion, "13"), 426, kVersion, "13"},
        {"key_none", with(kKey, ""), 400},
        {"key_short", with(kKey, "c2hvcnQ="), 400},
        {"key_15_bytes", with(kKey, "dGhlIHNhbXBsZSBub25j"), 400},
        {"key_17_bytes", with(kKey, "dGhlIHNhbXBsZSBub25jZXM="), 400},
        {"key_long", with(kKey, std::string(256, 'A')), 400},
        {"key_no_padding", with(kKey, "dGhlIHNhbXBsZSBub25jZQ"), 400},
        {"key_padding_inside", with(kKey, "dGhlIHNh=XBsZSBub25jZQ=="), 400},
        {"key_three_padding", with(kKey, "dGhlIHNhbXBsZSBub25jZ==="), 400},
        {"key_spare_bits", with(kKey, "dGhlIHNhbXBsZSBub25jZR=="), 400},
        {"key_other_alphabet", with(kKey, "dGhlIHNhbX_-ZSBub25jZQ=="), 400},
        {"key_space_inside", with(kKey, "dGhlIHNh bXBsZSBub25jZQ="), 400},
        {"key_not_ascii",
         with(kKey,
              "dGhlIHNhbXBs\xc3\xa9"
              "SBub25jZQ=="),
         400},
        {"key_twice", twice(kKey, "dGhlIHNhbXBsZSBub25jZQ=="), 400},
    };
}

std::vector<Case> refused_requests() {
    constexpr const char* kProtocol = "sec-websocket-protocol";
    return {
        {"upgrade_none", with("upgrade", ""), 426, "upgrade", "websocket"},
        {"upgrade_h2c", with("upgrade", "h2c"), 426, "upgrade", "websocket"},
        {"upgrade_part", with("upgrade", "websocket2"), 426, "upgrade", "websocket"},
        {"connection_none", with("connection", ""), 400},
        {"connection_keep_alive", with("connection", "keep-alive"), 400},
        {"connection_part", with("connection", "upgrades"), 400},
        {"post", changed([](auto& r) { r.method = "POST"; }), 405, "allow", "GET"},
        {"head", changed([](auto& r) { r.method = "HEAD"; }), 405, "allow", "GET"},
        {"method_lower_case", changed([](auto& r) { r.method = "get"; }), 405, "allow", "GET"},
        {"http_1_0", changed([](auto& r) { r.http_minor = 0; }), 400},
        {"body", changed([](auto& r) { r.body = "x"; }), 400},
        {"protocol_duplicate", with(kProtocol, "belfry.v1, belfry.v1"), 400},
        {"protocol_duplicate_unknown", with(kProtocol, "a, b, a"), 400},
        {"protocol_space", with(kProtocol, "belfry v1"), 400},
        {"protocol_quoted", with(kProtocol, "\"belfry.v1\""), 400},
        {"protocol_200_items", with(kProtocol, many_protocols(200)), 400},
        {"authorization_twice", changed([](auto& r) {
             r.headers.emplace_back("authorization", "Bearer a");
             r.headers.emplace_back("authorization", "Bearer b");
         }),
         400},
        {"authorization_no_token", with("authorization", "Bearer"), 401, "www-authenticate",
         "Bearer"},
        {"authorization_blank_token", with("authorization", "Bearer   "), 401, "www-authenticate",
         "Bearer"},
        {"since_bad_escape", changed([](auto& r) { r.query = "since=1%2"; }), 400},
        {"since_no_hex", changed([](auto& r) { r.query = "since=%zz"; }), 400},
        {"since_twice", changed([](auto& r) { r.query = "since=1.1&since=1.2"; }), 400},
        {"device_control", changed([](auto& r) { r.query = "device=a%00b"; }), 400},
        {"device_not_utf8", changed([](auto& r) { r.query = "device=%ff"; }), 400},
    };
}

std::vector<Case> accepted() {
    constexpr const char* kProtocol = "sec-websocket-protocol";
    constexpr const char* kExtensions = "sec-websocket-extensions";
    constexpr const char* kAccept = "sec-websocket-accept";
    return {
        {"sample_of_the_rfc", handshake(), 101, kAccept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
        {"upgrade_upper_case", with("upgrade", "WebSocket"), 101, "upgrade", "websocket"},
        {"upgrade_list", with("upgrade", "h2c, websocket"), 101},
        {"connection_list", with("connection", "keep-alive, Upgrade"), 101},
        {"connection_case", with("connection", "uPGRADE"), 101, "connection", "Upgrade"},
        {"connection_two_fields", twice("connection", "keep-alive"), 101},
        {"version_spaces", with("sec-websocket-version", " 13 "), 101},
        {"protocol_none", handshake(), 101, kProtocol, ""},
        {"protocol_known", with(kProtocol, "belfry.v1"), 101, kProtocol, "belfry.v1"},
        {"protocol_among_others", with(kProtocol, "x,  belfry.v1 ,y"), 101, kProtocol, "belfry.v1"},
        {"protocol_in_second_field", changed([](auto& r) {
             r.headers.emplace_back("sec-websocket-protocol", "x");
             r.headers.emplace_back("sec-websocket-protocol", "belfry.v1");
         }),
         101, kProtocol, "belfry.v1"},
        {"protocol_unknown", with(kProtocol, "x, y"), 101, kProtocol, ""},
        {"protocol_other_case", with(kProtocol, "Belfry.V1"), 101, kProtocol, ""},
        {"extension_deflate", with(kExtensions, "permessage-deflate; client_max_window_bits"), 101,
         kExtensions, ""},
        {"extension_bad_window", with(kExtensions, "permessage-deflate; server_max_window_bits=7"),
         101, kExtensions, ""},
        {"extension_twice", with(kExtensions, "permessage-deflate, permessage-deflate"), 101,
         kExtensions, ""},
        {"extension_rubbish", with(kExtensions, ";;=,\"x"), 101, kExtensions, ""},
        {"authorization_of_a_proxy", with("authorization", "Basic dTpw"), 101},
        {"query_of_others", changed([](auto& r) { r.query = "x=%zz&y"; }), 101},
    };
}

class Refused : public testing::TestWithParam<Case> {};
class Accepted : public testing::TestWithParam<Case> {};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

TEST_P(Refused, AnswersWithTheStatus) {
    Server server;
    testkit::Link link(server.instance());
    link.open(GetParam().request);
    ASSERT_TRUE(link.responded());
    EXPECT_FALSE(link.upgraded());
    EXPECT_FALSE(link.attach());
    EXPECT_EQ(link.responded()->status, GetParam().status);
    EXPECT_EQ(link.responded()->header(GetParam().header), GetParam().value);
    EXPECT_EQ(link.responded()->header("content-type"), "application/problem+json");
    EXPECT_TRUE(server.host().violations().empty());
}

TEST_P(Accepted, UpgradesTheLink) {
    Server server;
    testkit::Link link(server.instance());
    link.open(GetParam().request);
    ASSERT_FALSE(link.upgraded());
    link.accept();
    ASSERT_TRUE(link.upgraded());
    EXPECT_EQ(link.upgraded()->status, 101U);
    EXPECT_EQ(link.upgraded()->header(GetParam().header), GetParam().value);
    EXPECT_TRUE(server.host().violations().empty());
}

std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Handshake, Refused, testing::ValuesIn(refused_fields()), name_of);
INSTANTIATE_TEST_SUITE_P(Request, Refused, testing::ValuesIn(refused_requests()), name_of);
INSTANTIATE_TEST_SUITE_P(Handshake, Accepted, testing::ValuesIn(accepted()), name_of);

}  // namespace
}  // namespace belfry::test
