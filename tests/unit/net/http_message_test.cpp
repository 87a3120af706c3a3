#include "daemon/net/http_message.hpp"

#include "daemon/base/time.hpp"
#include "daemon/net/http_date.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace belfry::net {
namespace {

TEST(PercentDecode, UndoesEscapesOnce) {
    EXPECT_EQ(percent_decode("plain"), "plain");
    EXPECT_EQ(percent_decode("a%20b%2Fc%2f"), "a b/c/");
    EXPECT_EQ(percent_decode("%25%32%35"), "%25");
    EXPECT_EQ(percent_decode("%c3%A4"), "\xc3\xa4");
    EXPECT_EQ(percent_decode("a+b"), "a+b");
    EXPECT_EQ(percent_decode(""), "");
    EXPECT_EQ(percent_encode("a b/c~d.e_f-9\xc3\xa4%"), "a%20b%2Fc~d.e_f-9%C3%A4%25");
}

TEST(PercentDecode, RefusesMalformedEscapesAndNul) {
    for (const char* text : {"%", "%2", "a%", "a%4", "%zz", "%2g", "%g2", "%00", "a%00b", "%+1",
                             "% 1", "%%20", "%1%20"}) {
        EXPECT_FALSE(percent_decode(text)) << text;
    }
}

TEST(QueryValue, FindsTheFirstOfItsName) {
    EXPECT_EQ(query_value("a=1&b=2&a=3", "a"), "1");
    EXPECT_EQ(query_value("a=1&b=2", "b"), "2");
    EXPECT_EQ(query_value("a=x+y%2Bz", "a"), "x y+z");
    EXPECT_EQ(query_value("a=b=c", "a"), "b=c");
}

TEST(QueryValue, IsEmptyWhereThereIsNone) {
    for (const char* query : {"", "b=1", "aa=1", "a", "a=", "&", "&&a&", "=1", "a=%zz", "a=%00"}) {
        EXPECT_EQ(query_value(query, "a"), "") << query;
    }
}

TEST(FindHeader, TakesTheFirst) {
    const Headers headers{{"a", "1"}, {"b", "2"}, {"a", "3"}};
    EXPECT_EQ(find_header(headers, "a"), "1");
    EXPECT_EQ(find_header(headers, "c"), "");
}

TEST(ToWire, WritesHeadAndBody) {
    const Response response{.status = 200, .headers = {{"x-a", "1"}}, .body = "hello"};
    EXPECT_EQ(text_of(to_wire(response, false, true, "DATE").view()),
              "HTTP/1.1 200 OK\r\ndate: DATE\r\nx-a: 1\r\ncontent-length: 5\r\n\r\nhello");
    EXPECT_EQ(text_of(to_wire(response, true, false, "DATE").view()),
              "HTTP/1.1 200 OK\r\ndate: DATE\r\nx-a: 1\r\ncontent-length: 5\r\nconnection: "
              "close\r\n\r\n");
}

TEST(ToWire, GivesNoBodyWhereHttpHasNone) {
    for (const unsigned status : {204U, 304U}) {
        const Response response{.status = status, .headers = {}, .body = "not allowed"};
        const SharedBytes bytes = to_wire(response, false, true, "DATE");
        EXPECT_TRUE(text_of(bytes.view()).ends_with("date: DATE\r\n\r\n")) << text_of(bytes.view());
    }
}

TEST(ToWire, KeepsAHeaderOnItsLine) {
    const Response response{
        .status = 200,
        .headers = {{"location", "/a\r\nset-cookie: x=1\n\ny"}, {"a\r\nb", "c"}},
        .body = ""};
    const SharedBytes bytes = to_wire(response, false, true, "DATE");
    EXPECT_NE(text_of(bytes.view()).find("location: /a  set-cookie: x=1  y\r\na  b: c\r\n"),
              std::string_view::npos)
        << text_of(bytes.view());
    EXPECT_EQ(text_of(upgrade_head(101, {{"a", "b\r\nc"}}, "DATE").view()),
              "HTTP/1.1 101 Switching Protocols\r\ndate: DATE\r\na: b  c\r\n\r\n");
}

TEST(Problem, TellsOfTheFailure) {
    const Response response =
        problem({Code::unavailable, "the \"queue\" is full", "/to/1", kSecond + 1});
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(find_header(response.headers, "content-type"), "application/problem+json");
    EXPECT_EQ(find_header(response.headers, "retry-after"), "2");
    const auto document = boost::json::parse(response.body);
    EXPECT_EQ(document.at("status"), 503);
    EXPECT_EQ(document.at("code"), "unavailable");
    EXPECT_EQ(document.at("detail"), "the \"queue\" is full");
    EXPECT_EQ(document.at("pointer"), "/to/1");
}

TEST(Problem, AsksForACredential) {
    EXPECT_EQ(
        find_header(problem(Error{Code::unauthenticated, "who?"}).headers, "www-authenticate"),
        "Bearer");
    EXPECT_EQ(find_header(problem(Error{Code::refused, "no"}).headers, "www-authenticate"), "");
    EXPECT_EQ(find_header(problem(Error{Code::refused, "no"}).headers, "retry-after"), "");
}

TEST(HttpDate, IsAnImfFixdate) {
    EXPECT_EQ(http_date(784'111'777 * kSecond), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(784'111'778 * kSecond + 999), "Sun, 06 Nov 1994 08:49:38 GMT");
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace
}  // namespace belfry::net
