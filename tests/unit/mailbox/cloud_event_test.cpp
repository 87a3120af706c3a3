#include "daemon/mailbox/cloud_event.hpp"

#include "daemon/base/time_text.hpp"

#include <gtest/gtest.h>

#include <map>

namespace belfry::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The required attributes as a binding writes them, with `more` behind or instead of them.
Headers with(const std::string& prefix, const Headers& more = {}) {
    std::map<std::string, std::string> all{{"specversion", "1.0"},
                                           {"id", "e1"},
                                           {"source", "/shop"},
                                           {"type", "order.paid"},
                                           {"subject", "user:b"}};
    Headers out;
    for (const auto& [name, value] : more) {
        if (all.erase(name); value != "-") {
            out.emplace_back(prefix + name, value);
        }
    }
    for (const auto& [name, value] : all) {
        out.emplace_back(prefix + name, value);
    }
    return out;
}

Message binary(const Headers& headers, const std::string& content_type = "text/plain",
               const std::string& body = "hi") {
    return {.destination = "d",
            .id = "m1",
            .content_type = content_type,
            .body = body,
            .headers = headers,
            .time = 7};
}

Message structured(const std::string& body,
                   const std::string& content_type = "application/cloudevents+json") {
    return {.destination = "d", .content_type = content_type, .body = body, .time = 7};
}

std::string json_event(const std::string& more) {
    return R"({"specversion":"1.0","id":"e1","source":"/shop","type":"t","subject":"user:b")" +
           more + "}";
}

/// The detail of the rejection, which has to be for being undecodable; empty where it is read.
std::string fault(const Message& message) {
    const auto event = read_cloud_event(message);
    if (event) {
        return {};
    }
    EXPECT_EQ(event.error().why, Rejection::undecodable);
    EXPECT_FALSE(event.error().detail.empty());
    return event.error().detail;
}

TEST(CloudEvent, IsReadInBinaryModeOfEachBinding) {
    for (const char* prefix :
         {"ce-", "CE-", "Ce-", "ce_", "cloudEvents_", "cloudEvents:", "cloudevents:"}) {
        const Message message = binary(with(prefix, {{"partitionkey", "p"}}));
        ASSERT_TRUE(is_cloud_event(message)) << prefix;
        const auto event = read_cloud_event(message);
        ASSERT_TRUE(event) << prefix << ' ' << event.error().detail;
        EXPECT_EQ(event->id, "e1");
        EXPECT_EQ(event->source, "/shop");
        EXPECT_EQ(event->type, "order.paid");
        EXPECT_EQ(event->subject, "user:b");
        EXPECT_EQ(event->time, 7) << "the broker's, where it has none";
        EXPECT_EQ(event->content_type, "text/plain");
        EXPECT_EQ(event->data, "hi");
        EXPECT_EQ(event->attributes, (Headers{{"partitionkey", "p"}}));
    }
}

TEST(CloudEvent, DecodesPercentsWhereTheBindingHasThem) {
    struct Case {
        std::string written, decoded;
    };
    for (const Case& one :
         {Case{"a%20b", "a b"}, Case{"%E2%82%AC", "\xe2\x82\xac"},
          Case{"%e2%82%ac", "\xe2\x82\xac"}, Case{"100%", "100%"}, Case{"%2", "%2"},
          Case{"%zz", "%zz"}, Case{"%2525", "%25"}, Case{"\"a \\\"b\\\\\"", "a \"b\\"},
          Case{"\"", "\""}, Case{"\"\\\"", "\\"}}) {
        EXPECT_EQ(read_cloud_event(binary(with("ce-", {{"id", one.written}})))->id, one.decoded);
        EXPECT_EQ(read_cloud_event(binary(with("ce_", {{"id", one.written}})))->id, one.written);
    }
}

TEST(CloudEvent, HasItsDataTypeFromWhereTheBindingHasIt) {
    const auto type_of = [](const Message& message) {
        return read_cloud_event(message)->content_type;
    };
    EXPECT_EQ(type_of(binary(with("ce-", {{"datacontenttype", "a/b"}}), "")), "a/b");
    EXPECT_EQ(type_of(binary(with("ce-", {{"datacontenttype", "a/b"}}), "c/d")), "c/d");
    Headers headers = with("ce_");
    headers.emplace_back("Content-Type", "e/f");
    EXPECT_EQ(type_of(binary(headers, "")), "e/f");
}

TEST(CloudEvent, IsRefusedInBinaryMode) {
    Headers twice = with("ce-");
    twice.emplace_back("CE-Id", "e2");
    Headers two_bindings = with("ce-");
    two_bindings.emplace_back("ce_id", "e1");
    struct Case {
        Headers headers;
        std::string named;
    };
    for (const Case& one : {
             Case{with("ce-", {{"specversion", "-"}}), "specversion"},
             Case{with("ce-", {{"specversion", "0.3"}}), "expected 1.0"},
             Case{with("ce-", {{"specversion", "2.0"}}), "expected 1.0"},
             Case{with("ce-", {{"id", "-"}}), "attribute id"},
             Case{with("ce-", {{"id", ""}}), "attribute id"},
             Case{with("ce-", {{"source", "-"}}), "attribute source"},
             Case{with("ce-", {{"type", ""}}), "attribute type"},
             Case{with("ce-", {{"id", "a\nb"}}), "id of the event"},
             Case{with("ce-", {{"id", std::string("a\0b", 3)}}), "id of the event"},
             Case{with("ce-", {{"id", "a%00b"}}), "id of the event"},
             Case{with("ce-", {{"id", "%ff"}}), "id of the event"},
             Case{with("ce_", {{"id", "\xff"}}), "id of the event"},
             Case{with("ce_", {{"source", "\xc2\x85"}}), "source of the event"},
             Case{with("ce-", {{"subject", "user:a\x7f"}}), "subject of the event"},
             Case{with("ce_", {{"secretword", "\xff"}}), "an extension"},
             Case{twice, "twice"},
             Case{two_bindings, "more than one binding"},
             Case{{{"ce-id", "only"}}, "specversion"},
         }) {
        const Message message = binary(one.headers);
        EXPECT_TRUE(is_cloud_event(message)) << one.named;
        const std::string detail = fault(message);
        EXPECT_TRUE(detail.contains(one.named)) << one.named << ": " << detail;
        EXPECT_FALSE(detail.contains("secretword"));
    }
}

TEST(CloudEvent, IsReadInSpiteOfWhatItNeedNotHave) {
    const Message message = binary(with("ce-", {{"time", "yesterday"},
                                                {"a-b", "no name"},
                                                {"", "no name"},
                                                {std::string(100, 'x'), "long"},
                                                {"traceparent", "00-broken"}}));
    const auto event = read_cloud_event(message);
    ASSERT_TRUE(event) << event.error().detail;
    EXPECT_EQ(event->time, 7);
    EXPECT_EQ(event->attributes.size(), 2U) << "those whose names could be";
    EXPECT_EQ(read_cloud_event(binary(with("ce-", {{"time", "2026-01-01T00:00:00Z"}})))->time,
              parse_rfc3339("2026-01-01T00:00:00Z"));
}

TEST(CloudEvent, KeepsTheTraceOfTheMessageWhereItHasNone) {
    Headers headers = with("ce-");
    headers.emplace_back("traceparent", "message's");
    EXPECT_EQ(read_cloud_event(binary(headers))->attributes,
              (Headers{{"traceparent", "message's"}}));
    headers.emplace_back("ce-traceparent", "event's");
    EXPECT_EQ(read_cloud_event(binary(headers))->attributes, (Headers{{"traceparent", "event's"}}));
}

TEST(CloudEvent, IsNotWhatOnlyLooksLikeOne) {
    for (const Headers& headers : {Headers{}, Headers{{"subject", "user:a"}}, Headers{{"ce-", "x"}},
                                   Headers{{"ce-foo", "x"}}, Headers{{"cex-id", "x"}},
                                   Headers{{"id", "x"}}, Headers{{"", ""}}}) {
        EXPECT_FALSE(is_cloud_event(binary(headers)));
        EXPECT_TRUE(fault(binary(headers)).contains("no CloudEvent"));
    }
}

struct StructuredCase {
    std::string more;
    std::string data, content_type;
};

TEST(CloudEvent, IsReadInStructuredMode) {
    for (const StructuredCase& one : {
             StructuredCase{"", "", ""},
             StructuredCase{R"(,"data":null)", "", ""},
             StructuredCase{R"(,"data": {"n":[1.50 ,"}"]})", R"({"n":[1.50 ,"}"]})",
                            "application/json"},
             StructuredCase{R"(,"data":"text")", R"("text")", "application/json"},
             StructuredCase{R"(,"datacontenttype":"text/plain","data":"a\nb")", "a\nb",
                            "text/plain"},
             StructuredCase{R"(,"datacontenttype":"text/plain","data":5)", "5", "text/plain"},
             StructuredCase{R"(,"datacontenttype":"application/x+json","data":"a")", R"("a")",
                            "application/x+json"},
             StructuredCase{R"(,"data_base64":"iVBORw==","datacontenttype":"image/png")", "\x89PNG",
                            "image/png"},
             StructuredCase{R"(,"data_base64":"AA==")", std::string(1, '\0'), ""},
             StructuredCase{R"(,"data_base64":"","data":null)", "", ""},
         }) {
        for (const char* type :
             {"application/cloudevents+json", "Application/CloudEvents+JSON; charset=utf-8"}) {
            const Message message = structured(json_event(one.more), type);
            ASSERT_TRUE(is_cloud_event(message));
            const auto event = read_cloud_event(message);
            ASSERT_TRUE(event) << one.more << ' ' << event.error().detail;
            EXPECT_EQ(event->id, "e1");
            EXPECT_EQ(event->subject, "user:b");
            EXPECT_EQ(event->time, 7);
            EXPECT_EQ(event->data, one.data) << one.more;
            EXPECT_EQ(event->content_type, one.content_type) << one.more;
        }
    }
}

TEST(CloudEvent, HasExtensionsOfEveryType) {
    const auto event = read_cloud_event(structured(json_event(
        R"(,"partitionkey":"p","sampled":true,"severity":5,"nothing":null,"Odd":{"a":1})")));
    ASSERT_TRUE(event) << event.error().detail;
    EXPECT_EQ(event->attributes,
              (Headers{{"partitionkey", "p"}, {"sampled", "true"}, {"severity", "5"}}));
}

TEST(CloudEvent, IsRefusedInStructuredMode) {
    const std::string deep = std::string(60, '[') + std::string(60, ']');
    struct Case {
        std::string body, named;
    };
    for (const Case& one : {
             Case{"", "JSON object"},
             Case{"{", "JSON object"},
             Case{"[]", "JSON object"},
             Case{"[" + json_event("") + "]", "JSON object"},
             Case{"null", "JSON object"},
             Case{"\"x\"", "JSON object"},
             Case{std::string("\0", 1), "JSON object"},
             Case{"\xff", "JSON object"},
             Case{json_event("") + "x", "JSON object"},
             Case{json_event(",\"data\":" + deep), "JSON object"},
             Case{json_event(",\"x\":\"\xff\""), "JSON object"},
             Case{"{}", "specversion"},
             Case{R"({"specversion":"1.0","id":7,"source":"s"})", "attribute type"},
             Case{R"({"specversion":1.0,"id":"7","source":"s","type":"t"})", "an attribute"},
             Case{R"({"specversion":"1.0","id":null,"source":"s","type":"t"})", "attribute id"},
             Case{R"({"specversion":"1.0","id":["x"],"source":"s","type":"t"})", "an attribute"},
             Case{R"({"specversion":"1.0","id":"\u0000","source":"s","type":"t"})", "id of"},
             Case{json_event(R"(,"data":1,"data_base64":"AA==")"), "both"},
             Case{json_event(R"(,"data_base64":"A")"), "base64"},
             Case{json_event(R"(,"data_base64":"A===")"), "base64"},
             Case{json_event(R"(,"data_base64":"====")"), "base64"},
             Case{json_event(R"(,"data_base64":"AA-_")"), "base64"},
             Case{json_event(R"(,"data_base64":5)"), "base64"},
         }) {
        const std::string detail = fault(structured(one.body));
        EXPECT_TRUE(detail.contains(one.named)) << one.body << ": " << detail;
    }
}

TEST(CloudEvent, IsNotABatchNorOfAnotherFormat) {
    EXPECT_TRUE(fault(structured("[" + json_event("") + "]", "application/cloudevents-batch+json"))
                    .contains("batch"));
    EXPECT_TRUE(fault(structured("x", "application/cloudevents+avro")).contains("format"));
    EXPECT_TRUE(fault(structured("x", "application/cloudevents")).contains("format"));
}

/// Every prefix of a good one, and every byte of it changed: an answer, and nothing else.
TEST(CloudEvent, SurvivesMutations) {
    const std::string good = json_event(R"(,"data":{"a":[1,"\u00e9"]},"ext":true)");
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(fault(structured(good.substr(0, size))).empty());
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const char byte : {'\0', '\xff', '"', '{', '\\'}) {
            std::string changed = good;
            changed[at] = byte;
            const auto event = read_cloud_event(structured(changed));
            EXPECT_TRUE(event || event.error().why == Rejection::undecodable);
        }
    }
}

}  // namespace
}  // namespace belfry::test
