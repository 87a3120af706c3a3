#include "daemon/config/document.hpp"

#include "tests/unit/config/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace belfry::config::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Bad {
    const char* name;
    std::string yaml;
    std::string start;  ///< place and the first words
};

std::string repeat(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

std::string many_keys(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += "k" + std::to_string(i) + ":\n";
    }
    return out;
}

class RefusedDocument : public testing::TestWithParam<Bad> {};

TEST_P(RefusedDocument, NamesThePlace) {
    const Document document = parse_document(GetParam().yaml, "p.yaml");
    ASSERT_FALSE(document.problems.empty());
    EXPECT_THAT(to_string(document.problems.front()), StartsWith(GetParam().start));
}

INSTANTIATE_TEST_SUITE_P(
    Bytes, RefusedDocument,
    testing::Values(
        Bad{"TooLarge", std::string(kMaxFileBytes + 1, ' '), "p.yaml: expected a file of at most"},
        Bad{"Utf8Lone", "a: \x80", "p.yaml:1:4: expected text in UTF-8"},
        Bad{"Utf8Cut", "a: 1\nb: \xE2\x82", "p.yaml:2:4: expected text in UTF-8"},
        Bad{"Utf8Overlong", "a: \xC0\xAF", "p.yaml:1:4: expected text in UTF-8"},
        Bad{"Utf8Surrogate", "a: \xED\xA0\x80", "p.yaml:1:4: expected text in UTF-8"},
        Bad{"Utf8Beyond", "a: \xF4\x90\x80\x80", "p.yaml:1:4: expected text in UTF-8"},
        Bad{"Utf16", std::string("\xFF\xFE\x61\x00", 4), "p.yaml:1:1: expected text in UTF-8"},
        Bad{"Nul", std::string("a: b\nc: \0", 9), "p.yaml:2:4: expected text, found NUL"},
        Bad{"Control", "a: \x01", "p.yaml:1:4: expected text, found a control character"},
        Bad{"Escape", "a: \x1B[2J", "p.yaml:1:4: expected text, found a control character"},
        Bad{"Delete", "a: \x7F", "p.yaml:1:4: expected text, found a control character"},
        Bad{"EscapedNul", "a: \"x\\0\"", "p.yaml:1:4: expected text, found a NUL"}),
    NameOf{});

INSTANTIATE_TEST_SUITE_P(
    Limits, RefusedDocument,
    testing::Values(
        Bad{"DeepFlow", "a: " + repeat("[", 33) + repeat("]", 33),
            "p.yaml:1:35: expected at most 32"},
        Bad{"DeepAndOpen", repeat("[", 100'000), "p.yaml:1:"},
        Bad{"DeepMaps", "a: " + repeat("{a: ", 100), "p.yaml:1:128: expected at most 32"},
        Bad{"DeepBlock", repeat("- ", 100), "p.yaml:1:65: expected at most 32"},
        Bad{"DeepKeys", repeat("? ", 100), "p.yaml:1:65: expected at most 32"},
        Bad{"ManyValues", "[" + repeat("1,", 10'001) + "]",
            "p.yaml:1:20002: expected at most 10000 values"},
        Bad{"ManyKeys", many_keys(200'000 / 2), "p.yaml:5001:1: expected at most 10000"}),
    NameOf{});

INSTANTIATE_TEST_SUITE_P(
    Structure, RefusedDocument,
    testing::Values(
        Bad{"DuplicateKey", "a: 1\nb: 2\na: 3",
            "p.yaml:3:1: expected each key once, found \"a\" again (first at line 1, column 1)"},
        Bad{"DuplicateDeep", "x: {b: 1, \"b\": 2}", "p.yaml:1:11: expected each key once"},
        Bad{"Anchor", "a: &x 1", "p.yaml:1:4: expected a value, found an anchor"},
        Bad{"AnchorOnMap", "a: &x\n  b: 1", "p.yaml:1:4: expected a value, found an anchor"},
        Bad{"AnchorOnList", "a: &x [1]", "p.yaml:1:4: expected a value, found an anchor"},
        Bad{"Alias", "a: &x 1\nb: *x", "p.yaml:1:4: expected a value, found an anchor"},
        Bad{"UnknownAlias", "b: *x", "p.yaml:1:4: expected YAML, found an error"},
        Bad{"Cycle", "a: &x [*x]", "p.yaml:1:4: expected a value, found an anchor"},
        Bad{"Merge", "a:\n  <<: {b: 1}", "p.yaml:2:3: expected a key, found a merge"},
        Bad{"ListKey", "? [a]\n: 1", "p.yaml:1:3: expected a key that is plain text"},
        Bad{"MapKey", "? {a: b}\n: 1", "p.yaml:1:3: expected a key that is plain text"},
        Bad{"NullKey", "~: 1", "p.yaml:1:1: expected a key that is plain text"},
        Bad{"EmptyKey", "\"\": 1", "p.yaml:1:1: expected a key that is plain text"},
        Bad{"TwoDocuments", "a: 1\n---\nb: 2", "p.yaml:3:1: expected one document, found a second"},
        Bad{"CustomTag", "a: !foo 1", "p.yaml:1:4: expected a value without a tag"},
        Bad{"BinaryTag", "a: !!binary aGk=", "p.yaml:1:4: expected a value without a tag"},
        Bad{"WrongTag", "a: !!map 1", "p.yaml:1:4: expected a value without a tag"},
        Bad{"IntTag", "a: !!int \"1\"", "p.yaml:1:4: expected a value without a tag"}),
    NameOf{});

INSTANTIATE_TEST_SUITE_P(
    Syntax, RefusedDocument,
    testing::Values(Bad{"OpenList", "a: [1\nb: 2", "p.yaml:2:2: expected YAML"},
                    Bad{"OpenMap", "a: {b: 1", "p.yaml:1:1: expected YAML"},
                    Bad{"OpenQuote", "a: \"b", "p.yaml:1:6: expected YAML"},
                    Bad{"TabIndent", "a:\n\tb: 1", "p.yaml:2:3: expected YAML"},
                    Bad{"BadEscape", "a: \"\\q\"", "p.yaml:1:7: expected YAML"},
                    Bad{"BadUnicode", "a: \"\\ud800\"", "p.yaml:1:11: expected YAML"},
                    Bad{"Indent", "a: 1\n  b: 2", "p.yaml:2:4: expected YAML"},
                    Bad{"Reserved", "a: `b`", "p.yaml:1:4: expected YAML"}),
    NameOf{});

TEST(Document, ReportsEverythingItCan) {
    const Document document = parse_document("a: &x 1\na: 2\nb: !t 3", "p.yaml");
    EXPECT_EQ(document.problems.size(), 3U);
}

TEST(Document, StopsAtTooManyProblems) {
    const Document document = parse_document("[" + repeat("!t x,", 5000) + "]", "p.yaml");
    EXPECT_EQ(document.problems.size(), 101U);
    EXPECT_THAT(document.problems.back().message, HasSubstr("too many errors"));
}

TEST(Document, SkipsAByteOrderMark) {
    const Document document = parse_document(
        "\xEF\xBB\xBF"
        "a: 1",
        "p.yaml");
    ASSERT_TRUE(document.problems.empty());
    EXPECT_EQ(to_string(document.root.find("a")->key_mark), "p.yaml:1:1");
}

TEST(Document, TakesNothingForAnEmptyMap) {
    for (const char* nothing : {"", "\n", "# only this\n", "---\n", "~"}) {
        const Document document = parse_document(nothing, "p.yaml");
        EXPECT_TRUE(document.problems.empty()) << nothing;
        EXPECT_EQ(document.root.kind, Node::Kind::map) << nothing;
    }
}

TEST(Document, KeepsTextPlaceAndQuotes) {
    const Document document = parse_document(
        "plain: yes\r\nquoted: \"no\"\nlist:\n  - 'x'\n  - |\n    y\nnone:\n", "p.yaml");
    ASSERT_TRUE(document.problems.empty()) << joined(document.problems);
    const Node& root = document.root;
    EXPECT_EQ(root.find("plain")->text, "yes");
    EXPECT_FALSE(root.find("plain")->is_quoted);
    EXPECT_TRUE(root.find("quoted")->is_quoted);
    EXPECT_EQ(to_string(root.find("quoted")->mark), "p.yaml:2:9");
    EXPECT_TRUE(root.find("list")->children[0].is_quoted);
    EXPECT_TRUE(root.find("list")->children[1].is_quoted);
    EXPECT_EQ(root.find("none")->kind, Node::Kind::null);
    EXPECT_EQ(root.find("other"), nullptr);
}

TEST(Document, AcceptsTagsThatSayWhatIsThere) {
    const Document document = parse_document("a: !!str 1\nb: !!map {}\nc: !!seq []", "p.yaml");
    ASSERT_TRUE(document.problems.empty()) << joined(document.problems);
    EXPECT_TRUE(document.root.find("a")->is_quoted);
}

TEST(Document, AcceptsTheLargestAllowed) {
    EXPECT_TRUE(parse_document(many_keys(kMaxNodes / 2 - 1), "p").problems.empty());
    EXPECT_TRUE(
        parse_document(repeat("[", kMaxDepth) + repeat("]", kMaxDepth), "p").problems.empty());
    EXPECT_TRUE(parse_document(std::string(kMaxFileBytes, ' '), "p").problems.empty());
}

TEST(Problem, EscapesAndCutsWhatWasFound) {
    EXPECT_EQ(quote("a\x1B\n\""), R"("a\x1b\n\"")");
    EXPECT_EQ(quote(std::string(61, 'x')), '"' + std::string(60, 'x') + "...\"");
    EXPECT_EQ(quote(std::string(59, 'x') + "\xC3\xA4"), '"' + std::string(59, 'x') + "...\"");
    EXPECT_EQ(join_path("a", "b\n"), R"(a."b\n")");
}

}  // namespace
}  // namespace belfry::config::test
