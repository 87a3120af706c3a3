#include "daemon/net/http_parser.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace belfry::net {
namespace {

constexpr HttpLimits kLimits{.request_line = 200, .headers = 400, .header_count = 10, .body = 100};

/// What one connection's bytes are read as: requests as "METHOD path?query [body]", then perhaps a
/// status.
std::string read_all(std::string_view raw, std::size_t step) {
    HttpParser parser(kLimits);
    std::string seen;
    for (std::size_t at = 0; at < raw.size(); at += step) {
        parser.feed(bytes_of(raw.substr(at, step)));
        while (true) {
            auto request = parser.next();
            if (!request) {
                EXPECT_TRUE(request.error().close);
                return seen + std::to_string(request.error().status);
            }
            if (!*request) {
                break;
            }
            const Request& got = **request;
            seen += got.method + ' ' + got.path;
            seen += got.query.empty() ? "" : '?' + got.query;
            seen += " [" + got.body + "] ";
        }
    }
    return seen + (parser.is_idle() ? "" : "...");
}

struct Case {
    const char* name;
    std::string raw;
    std::string seen;
    friend std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }
};

std::string get(const std::string& headers) {
    return "GET /p HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
}
std::string post(const std::string& headers, const std::string& body) {
    return "POST /p HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body;
}
std::string line(const std::string& first) { return first + "\r\nHost: h\r\n\r\n"; }
std::string chunked(const std::string& body) {
    return post("Transfer-Encoding: chunked\r\n", body);
}

const std::string kNul(1, '\0');
constexpr const char* kPlain = "GET /p [] ";
constexpr const char* kEmpty = "POST /p [] ";
constexpr const char* kHello = "POST /p [hello] ";

class HttpParserTest : public testing::TestWithParam<Case> {};

TEST_P(HttpParserTest, InOnePiece) {
    EXPECT_EQ(read_all(GetParam().raw, GetParam().raw.size()), GetParam().seen);
}
TEST_P(HttpParserTest, ByteByByte) { EXPECT_EQ(read_all(GetParam().raw, 1), GetParam().seen); }
TEST_P(HttpParserTest, InOddPieces) { EXPECT_EQ(read_all(GetParam().raw, 7), GetParam().seen); }

#define CASES(suite, ...)                                                         \
    INSTANTIATE_TEST_SUITE_P(suite, HttpParserTest, testing::Values(__VA_ARGS__), \
                             [](const auto& tested) { return tested.param.name; })

CASES(RequestLine, Case{"Plain", get(""), kPlain},
      Case{"Http10", "GET /p HTTP/1.0\r\n\r\n", kPlain},
      Case{"Query", line("GET /p?a=1&b=%20 HTTP/1.1"), "GET /p?a=1&b=%20 [] "},
      Case{"EmptyQuery", line("GET /p? HTTP/1.1"), kPlain},
      Case{"Decoded", line("GET /a%20b%2fc HTTP/1.1"), "GET /a b/c [] "},
      Case{"DecodedOnce", line("GET /%2570 HTTP/1.1"), "GET /%70 [] "},
      Case{"Dots", line("GET /a/../b HTTP/1.1"), "GET /a/../b [] "},
      Case{"OtherMethod", line("BREW /p HTTP/1.1"), "BREW /p [] "},
      Case{"LowerMethod", line("get /p HTTP/1.1"), "get /p [] "},
      Case{"MethodRubbish", line("G@T /p HTTP/1.1"), "400"},
      Case{"MethodNul", line("G" + kNul + "T /p HTTP/1.1"), "400"},
      Case{"NoMethod", line(" /p HTTP/1.1"), "400"}, Case{"LeadingSpace", " " + get(""), "400"},
      Case{"LeadingCrLf", "\r\n" + get(""), "400"}, Case{"LeadingLf", "\n" + get(""), "400"},
      Case{"NoTarget", line("GET HTTP/1.1"), "400"},
      Case{"EmptyTarget", line("GET  HTTP/1.1"), "400"},
      Case{"TwoSpaces", line("GET  /p HTTP/1.1"), "400"},
      Case{"TwoSpacesBehind", line("GET /p  HTTP/1.1"), "505"},
      Case{"TrailingSpace", line("GET /p HTTP/1.1 "), "505"},
      Case{"Tab", line("GET\t/p HTTP/1.1"), "400"}, Case{"NoVersion", line("GET /p"), "400"},
      Case{"Http09", "GET /p\r\n\r\n", "400"}, Case{"Http20", line("GET /p HTTP/2.0"), "505"},
      Case{"Http12", line("GET /p HTTP/1.2"), "505"},
      Case{"Http11Long", line("GET /p HTTP/1.10"), "505"},
      Case{"Http011", line("GET /p HTTP/01.1"), "505"},
      Case{"LowerHttp", line("GET /p http/1.1"), "505"},
      Case{"HttpsVersion", line("GET /p HTTPS/1.1"), "505"},
      Case{"BareLf", "GET /p HTTP/1.1\nHost: h\r\n\r\n", "400"},
      Case{"BareCr", "GET /p HTTP/1.1\rHost: h\r\n\r\n", "505"},
      Case{"TlsHello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15),
           "400"},
      Case{"H2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
      Case{"Partial", "GET /p HTT", "..."},
      Case{"PartialHead", "GET /p HTTP/1.1\r\nHost: h\r\n", "..."});

CASES(Target, Case{"Absolute", line("GET http://h/p HTTP/1.1"), "400"},
      Case{"Asterisk", line("OPTIONS * HTTP/1.1"), "400"},
      Case{"Authority", line("CONNECT h:80 HTTP/1.1"), "400"},
      Case{"NoSlash", line("GET p HTTP/1.1"), "400"},
      Case{"Fragment", line("GET /p#f HTTP/1.1"), "400"},
      Case{"Backslash", line("GET /a\\b HTTP/1.1"), "400"},
      Case{"Quote", line("GET /a\"b HTTP/1.1"), "400"},
      Case{"Angle", line("GET /<a> HTTP/1.1"), "400"},
      Case{"Utf8", line("GET /\xc3\xa4 HTTP/1.1"), "400"},
      Case{"Del", line("GET /\x7f HTTP/1.1"), "400"},
      Case{"Control", line("GET /\x01 HTTP/1.1"), "400"},
      Case{"Nul", line("GET /" + kNul + " HTTP/1.1"), "400"},
      Case{"EscapedNul", line("GET /a%00b HTTP/1.1"), "400"},
      Case{"EscapeCut", line("GET /a%2 HTTP/1.1"), "400"},
      Case{"EscapeRubbish", line("GET /a%zz HTTP/1.1"), "400"},
      Case{"EscapedCrLf", line("GET /a%0d%0ab HTTP/1.1"), "GET /a\r\nb [] "});

CASES(Header, Case{"SpaceBeforeColon", get("A : b\r\n"), "400"},
      Case{"TabBeforeColon", get("A\t: b\r\n"), "400"},
      Case{"SpaceInName", get("A b: c\r\n"), "400"}, Case{"EmptyName", get(": b\r\n"), "400"},
      Case{"NoColon", get("Abc\r\n"), "400"},
      Case{"LeadingSpace", "GET /p HTTP/1.1\r\n Host: h\r\n\r\n", "400"},
      Case{"ObsFold", get("A: b\r\n c\r\n"), "400"},
      Case{"ObsFoldTab", get("A: b\r\n\tc\r\n"), "400"},
      Case{"BareLf", get("A: b\nC: d\r\n"), "400"}, Case{"BareCr", get("A: b\rC: d\r\n"), "400"},
      Case{"BareLfEnd", "GET /p HTTP/1.1\r\nHost: h\r\n\n", "400"},
      Case{"AllBareLf", "GET /p HTTP/1.1\nHost: h\n\n", "400"},
      Case{"NulInValue", get("A: b" + kNul + "c\r\n"), "400"},
      Case{"ControlInValue", get("A: b\x01\r\n"), "400"},
      Case{"DelInValue", get("A: b\x7f\r\n"), "400"},
      Case{"NulInName", get("A" + kNul + ": b\r\n"), "400"},
      Case{"Utf8InName", get("\xc3\xa4: b\r\n"), "400"},
      Case{"Utf8InValue", get("A: \xc3\xa4\r\n"), kPlain},
      Case{"TabInValue", get("A: b\tc\r\n"), kPlain}, Case{"EmptyValue", get("A:\r\n"), kPlain},
      Case{"Ten", get("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: 6\r\nG: 7\r\nH: 8\r\nI: 9\r\n"),
           kPlain},
      Case{"Eleven",
           get("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: 6\r\nG: 7\r\nH: 8\r\nI: 9\r\nJ: 10\r\n"),
           "431"},
      Case{"NoHost", "GET /p HTTP/1.1\r\n\r\n", "400"}, Case{"TwoHosts", get("Host: h\r\n"), "400"},
      Case{"TwoHostsHttp10", "GET /p HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
      Case{"HostList", "GET /p HTTP/1.1\r\nHost: a, b\r\n\r\n", "400"},
      Case{"HostUser", "GET /p HTTP/1.1\r\nHost: u@h\r\n\r\n", "400"},
      Case{"HostPath", "GET /p HTTP/1.1\r\nHost: h/p\r\n\r\n", "400"},
      Case{"HostQuery", "GET /p HTTP/1.1\r\nHost: h?x\r\n\r\n", "400"},
      Case{"HostSpace", "GET /p HTTP/1.1\r\nHost: a b\r\n\r\n", "400"},
      Case{"HostPort", "GET /p HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", kPlain});

CASES(Framing, Case{"NoBody", post("", ""), kEmpty},
      Case{"Length", post("Content-Length: 5\r\n", "hello"), kHello},
      Case{"LengthZero", post("Content-Length: 0\r\n", ""), kEmpty},
      Case{"LengthLeadingZero", post("Content-Length: 05\r\n", "hello"), kHello},
      Case{"GetBody", get("Content-Length: 5\r\n") + "hello", "GET /p [hello] "},
      Case{"Short", post("Content-Length: 5\r\n", "hell"), "..."},
      Case{"Both", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), "400"},
      Case{"BothReversed", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
           "400"},
      Case{"TwoEqual", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), "400"},
      Case{"TwoOther", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), "400"},
      Case{"List", post("Content-Length: 5, 5\r\n", "hello"), "400"},
      Case{"ListOther", post("Content-Length: 5, 6\r\n", "hello"), "400"},
      Case{"Plus", post("Content-Length: +5\r\n", "hello"), "400"},
      Case{"Minus", post("Content-Length: -5\r\n", "hello"), "400"},
      Case{"Hex", post("Content-Length: 0x5\r\n", "hello"), "400"},
      Case{"Underscore", post("Content-Length: 5_0\r\n", "hello"), "400"},
      Case{"Fraction", post("Content-Length: 5.0\r\n", "hello"), "400"},
      Case{"Inner", post("Content-Length: 5 0\r\n", "hello"), "400"},
      Case{"Quoted", post("Content-Length: \"5\"\r\n", "hello"), "400"},
      Case{"EmptyLength", post("Content-Length: \r\n", "hello"), "400"},
      Case{"Overflow", post("Content-Length: 18446744073709551616\r\n", "hello"), "400"},
      Case{"OverflowToFive", post("Content-Length: 18446744073709551621\r\n", "hello"), "400"},
      Case{"Huge", post("Content-Length: 18446744073709551615\r\n", "hello"), "413"},
      Case{"SpaceName", post("Content-Length : 5\r\n", "hello"), "400"},
      Case{"Identity", post("Transfer-Encoding: identity\r\n", "hello"), "501"},
      Case{"XChunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), "501"},
      Case{"Gzip", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "501"},
      Case{"NotFinal", post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), "501"},
      Case{"Twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), "501"},
      Case{"TwoFields",
           post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           "400"},
      Case{"EmptyCoding", post("Transfer-Encoding:\r\n", ""), "501"},
      Case{"VerticalTab",
           post("Transfer-Encoding: \x0b"
                "chunked\r\n",
                "0\r\n\r\n"),
           "400"},
      Case{"QuotedCoding", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), "501"},
      Case{"Parameter", post("Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n"), "501"},
      Case{"UpperCoding", post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"), kEmpty},
      Case{"CodingHttp10", "POST /p HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "501"});

CASES(Chunks, Case{"One", chunked("5\r\nhello\r\n0\r\n\r\n"), kHello},
      Case{"Two", chunked("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), kHello},
      Case{"None", chunked("0\r\n\r\n"), kEmpty},
      Case{"UpperHex", chunked("A\r\n0123456789\r\n0\r\n\r\n"), "POST /p [0123456789] "},
      Case{"LeadingZeros", chunked("005\r\nhello\r\n0\r\n\r\n"), kHello},
      Case{"Extension", chunked("5;a=b\r\nhello\r\n0\r\n\r\n"), kHello},
      Case{"Trailer", chunked("5\r\nhello\r\n0\r\nA: b\r\n\r\n"), kHello},
      Case{"TrailerLength", chunked("0\r\nContent-Length: 5\r\n\r\n"), "400"},
      Case{"TrailerCoding", chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"), "400"},
      Case{"TrailerNeverEnds", chunked("0\r\nA: " + std::string(1000, 'a')), "431"},
      Case{"ExtensionNeverEnds", chunked("1;a=" + std::string(1000, 'a')), "431"},
      Case{"LastCut", chunked("0\r\n"), "..."},
      Case{"LastCutBehindData", chunked("5\r\nhello\r\n0\r\n"), "..."},
      Case{"Cut", chunked("5\r\nhel"), "..."}, Case{"NoEnd", chunked("5\r\nhello\r\n"), "..."},
      Case{"Plus", chunked("+5\r\nhello\r\n0\r\n\r\n"), "400"},
      Case{"Minus", chunked("-5\r\nhello\r\n0\r\n\r\n"), "400"},
      Case{"Prefix", chunked("0x5\r\nhello\r\n0\r\n\r\n"), "400"},
      Case{"Underscore", chunked("0_5\r\nhello\r\n0\r\n\r\n"), "400"},
      Case{"LeadingSpace", chunked(" 5\r\nhello\r\n0\r\n\r\n"), "400"},
      Case{"NotHex", chunked("g\r\nhello\r\n0\r\n\r\n"), "400"},
      Case{"NoSize", chunked("\r\nhello\r\n0\r\n\r\n"), "400"},
      Case{"Overflow", chunked("10000000000000005\r\nhello\r\n0\r\n\r\n"), "400"},
      Case{"BareLf", chunked("5\nhello\r\n0\r\n\r\n"), "400"},
      Case{"DataLonger", chunked("5\r\nhello!\r\n0\r\n\r\n"), "400"},
      Case{"DataBareLf", chunked("5\r\nhello\n0\r\n\r\n"), "400"},
      Case{"TooMuch", chunked("65\r\n" + std::string(101, 'x') + "\r\n0\r\n\r\n"), "413"},
      Case{"TooMuchInAll",
           chunked("3c\r\n" + std::string(60, 'x') + "\r\n3c\r\n" + std::string(60, 'x') +
                   "\r\n0\r\n\r\n"),
           "413"});

CASES(Size,
      Case{"LineFits", line("GET /" + std::string(185, 'a') + " HTTP/1.1"),
           "GET /" + std::string(185, 'a') + " [] "},
      Case{"LineTooLong", line("GET /" + std::string(300, 'a') + " HTTP/1.1"), "414"},
      Case{"LineNeverEnds", "GET /" + std::string(5000, 'a'), "414"},
      Case{"HeadersTooLong", get("A: " + std::string(450, 'a') + "\r\n"), "431"},
      Case{"HeadersNeverEnd", get("A: " + std::string(5000, 'a')), "431"},
      Case{"ManyHeadersTooLong",
           get("A: " + std::string(200, 'a') + "\r\nB: " + std::string(200, 'b') + "\r\n"), "431"},
      Case{"BodyFits", post("Content-Length: 100\r\n", std::string(100, 'x')),
           "POST /p [" + std::string(100, 'x') + "] "},
      Case{"BodyTooLong", post("Content-Length: 101\r\n", ""), "413"});

CASES(Pipeline, Case{"Two", get("") + line("GET /q HTTP/1.1"), "GET /p [] GET /q [] "},
      Case{"BehindBody", post("Content-Length: 5\r\n", "hello") + get(""),
           "POST /p [hello] GET /p [] "},
      Case{"BehindChunks", chunked("5\r\nhello\r\n0\r\n\r\n") + get(""),
           "POST /p [hello] GET /p [] "},
      Case{"BehindTrailer", chunked("0\r\nA: b\r\n\r\n") + get(""), "POST /p [] GET /p [] "},
      Case{"BodyIsNoRequest", post("Content-Length: 5\r\n", "GET /") + get(""),
           "POST /p [GET /] GET /p [] "},
      Case{"ErrorEnds", get("") + "rubbish\r\n\r\n" + get(""), "GET /p [] 400"});

// ---- what the table does not show
// -------------------------------------------------------------------

Request only(std::string_view raw) {
    HttpParser parser({});
    parser.feed(bytes_of(raw));
    auto request = parser.next();
    EXPECT_TRUE(request && *request);
    return request && *request ? std::move(**request) : Request{};
}

TEST(HttpParser, LowersNamesAndTrimsValues) {
    const Request request = only("GET / HTTP/1.1\r\nHOST: h\r\nX-A:  b c \t\r\nx-a: d\r\n\r\n");
    EXPECT_EQ(request.headers, (Headers{{"host", "h"}, {"x-a", "b c"}, {"x-a", "d"}}));
    EXPECT_EQ(request.header("x-a"), "b c");
}

TEST(HttpParser, KnowsWhetherTheConnectionStays) {
    EXPECT_TRUE(only("GET / HTTP/1.1\r\nHost: h\r\n\r\n").keep_alive);
    EXPECT_FALSE(only("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n").keep_alive);
    EXPECT_FALSE(only("GET / HTTP/1.0\r\n\r\n").keep_alive);
    EXPECT_TRUE(only("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
    EXPECT_EQ(only("GET / HTTP/1.0\r\n\r\n").minor, 0U);
}

TEST(HttpParser, KeepsTrailersOutOfTheHead) {
    const std::string_view raw =
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
        "Authorization: Bearer forged\r\nHost: other\r\n\r\n";
    for (const std::size_t step : {raw.size(), std::size_t{1}}) {
        HttpParser parser({});
        std::expected<std::optional<Request>, Response> request;
        for (std::size_t at = 0; at < raw.size(); at += step) {
            parser.feed(bytes_of(raw.substr(at, step)));
            request = parser.next();
            ASSERT_TRUE(request) << request.error().body;
        }
        ASSERT_TRUE(*request);
        EXPECT_EQ((*request)->headers, (Headers{{"host", "h"}, {"transfer-encoding", "chunked"}}));
    }
}

TEST(HttpParser, TellsOfAnExpectationOnce) {
    HttpParser parser({});
    parser.feed(bytes_of(
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"));
    ASSERT_TRUE(parser.next());
    EXPECT_TRUE(parser.is_in_body());
    EXPECT_TRUE(parser.take_expectation());
    EXPECT_FALSE(parser.take_expectation());
    parser.feed(bytes_of("ok"));
    EXPECT_EQ((*parser.next())->body, "ok");
    EXPECT_TRUE(parser.is_idle());
}

TEST(HttpParser, ExpectsNothingOfHttp10OrWithoutABody) {
    for (const char* raw : {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
                            "GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n"}) {
        HttpParser parser({});
        parser.feed(bytes_of(raw));
        ASSERT_TRUE(parser.next());
        EXPECT_FALSE(parser.take_expectation()) << raw;
    }
}

TEST(HttpParser, GivesBackWhatItDidNotRead) {
    HttpParser parser({});
    parser.feed(bytes_of("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\n\x81\x85rest"));
    ASSERT_TRUE(*parser.next());
    EXPECT_EQ(parser.take_rest(), "\x81\x85rest");
    EXPECT_TRUE(parser.is_idle());
}

}  // namespace
}  // namespace belfry::net
