/// Thousands of damaged profiles, the same ones in every run: none may crash, hang or pass
/// unplaced.
#include "daemon/config/profile.hpp"
#include "daemon/config/schema.hpp"
#include "tests/unit/config/support.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

namespace belfry::config::test {
namespace {

constexpr std::string_view kSeed = R"(node: a
engine: {shards: 2, ingest: {queue: 8192, wait: 2ms}}
listeners:
  - name: public
    address: "127.0.0.1:8480"
    serves: [api, deliveries]
identity: {tokens: {secret: "${KEY:-0123456789012345678901234567890123}"}}
brokers:
  main: {plugin: memory, config: {a: [1, 2, {b: |
    text
  }]}}
sources: {s: {broker: main}}
# end
)";

constexpr std::string_view kSchemaSeed =
    R"({"type":"object","required":["a"],"properties":{"a":{"type":"integer","x-unit":"bytes",)"
    R"("minimum":"1KiB","default":2048},"b":{"type":"array","items":{"type":"string","pattern":)"
    R"("^[a-z]+$","enum":["x","y"]},"uniqueItems":true,"default":["x"]},"c":{"type":"number",)"
    R"("maximum":1.5e3,"default":1}},"additionalProperties":{"type":"boolean"}})";

constexpr std::string_view kPieces[] = {"&a ",         "*a",
                                        "<<: ",        "!!str ",
                                        "!x ",         "---\n",
                                        "...\n",       "? ",
                                        "- ",          ": ",
                                        "[",           "]",
                                        "{",           "}",
                                        "\"",          "'",
                                        "|\n",         ">-\n",
                                        "${",          "$${",
                                        "\xFF",        "\t",
                                        "\r\n",        "\\u0000",
                                        "\\x",         "1e400",
                                        "08",          "%YAML ",
                                        "~",           "null",
                                        "file:/etc/x", "credential:k",
                                        "\xC3\xA4",    "@",
                                        "`",           "# ",
                                        ", ",          "\xEF\xBB\xBF",
                                        "(",           "*",
                                        "+)+$",        "9223372036854775808",
                                        "-",           "\n  "};

class Mutator {
public:
    explicit Mutator(std::uint32_t seed) : random_(seed) {}

    std::string damage(std::string_view text) {
        std::string out(text);
        for (std::size_t i = 0, count = 1 + below(6); i < count; ++i) {
            damage_once(out);
        }
        return out;
    }

private:
    std::size_t below(std::size_t bound) { return random_() % bound; }

    void damage_once(std::string& text) {
        const std::size_t at = below(text.size() + 1);
        switch (below(5)) {
            case 0: text.insert(at, kPieces[below(std::size(kPieces))]); break;
            case 1: text.erase(at, 1 + below(8)); break;
            case 2: text.insert(at, text.substr(below(text.size() + 1), below(40))); break;
            case 3: text.insert(at, 1, static_cast<char>(below(256))); break;
            default:
                if (at < text.size()) {
                    text[at] =
                        static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << below(8)));
                }
        }
    }

    std::mt19937 random_;
};

TEST(Mutations, OfAProfileAreLoadedOrRefusedWithAPlace) {
    const Environment environment = make_environment();
    Mutator mutator(20261120);
    int refused = 0;
    for (int i = 0; i < 6000; ++i) {
        const std::string text = mutator.damage(kSeed);
        const LoadResult result = load_profile(text, "p.yaml", environment);
        ASSERT_EQ(result.profile.has_value(), result.problems.empty()) << text;
        for (const Problem& problem : result.problems) {
            ASSERT_GT(problem.where.line, 0U) << text;
            ASSERT_TRUE(problem.message.starts_with("expected ")) << problem.message;
        }
        refused += result.profile ? 0 : 1;
    }
    EXPECT_GT(refused, 1000);
    EXPECT_LT(refused, 6000);
}

TEST(Mutations, OfASchemaAreParsedOrRefused) {
    const Environment environment = make_environment();
    const Document document = parse_document("{a: 4KiB, b: [y], c: 2, d: true, e: f}", "p.yaml");
    Mutator mutator(8480);
    int refused = 0;
    for (int i = 0; i < 4000; ++i) {
        const std::string text = mutator.damage(kSchemaSeed);
        const auto schema = Schema::parse(text);
        refused += schema ? 0 : 1;
        if (schema) {
            const Validation checked = validate(*schema, document.root, {environment});
            ASSERT_FALSE(to_json_text(checked.canonical).empty());
        } else {
            ASSERT_FALSE(schema.error().message.empty());
        }
    }
    EXPECT_GT(refused, 1000);
    EXPECT_LT(refused, 4000);
}

}  // namespace
}  // namespace belfry::config::test
