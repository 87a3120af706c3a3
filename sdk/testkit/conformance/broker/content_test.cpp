// What is delivered is what was published, byte for byte.
#include "sdk/testkit/conformance/broker/kit.hpp"

#include <algorithm>
#include <ostream>

namespace belfry::conformance::broker {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string all_bytes() {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) {
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

/// Bytes without a pattern that could be compressed, the same in each run.
std::string noise(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 2463534242U;
    for (char& byte : bytes) {
        state ^= state << 13U;
        state ^= state >> 17U;
        state ^= state << 5U;
        byte = static_cast<char>(state);
    }
    return bytes;
}

struct Body {
    std::string name;
    std::string (*make)();
};
void PrintTo(const Body& body, std::ostream* out) { *out << body.name; }

class Content : public Case {
protected:
    /// Publishes it and gives back what is delivered.
    Delivery sent(const Out& out) {
        auto& source = consume();
        const auto outcome = node().publish(place(), out);
        if (!outcome.ok()) {
            throw testkit::Failed("publish: " + outcome.message);
        }
        auto delivery = source.wait(1).at(0);
        source.ok(delivery);
        return delivery;
    }
    static void expect_headers(const Delivery& delivery, const Headers& headers) {
        for (const auto& [name, value] : headers) {
            EXPECT_EQ(delivery.header(name), value) << name;
        }
    }
};

class Bodies : public Content, public testing::WithParamInterface<Body> {};

TEST_P(Bodies, AreDeliveredByteForByte) {
    auto body = GetParam().make();
    body.resize(std::min(body.size(), settings().max_body()));
    const auto delivery = sent({.id = "id-1", .body = body, .key = "k", .headers = {}});
    EXPECT_EQ(delivery.body.size(), body.size());
    EXPECT_TRUE(delivery.body == body) << "the bytes differ";
}

INSTANTIATE_TEST_SUITE_P(
    Of, Bodies,
    testing::Values(Body{"Nothing", [] { return std::string(); }},
                    Body{"OneNul", [] { return std::string(1, '\0'); }},
                    Body{"AllBytes", all_bytes},
                    Body{"NulsInTheMiddle", [] { return std::string("a\0b\0\0c", 6); }},
                    Body{"NoUtf8", [] { return std::string("\xff\xfe\xc3\x28\xed\xa0\x80"); }},
                    Body{"Lines", [] { return std::string("a\r\n\r\nb\nMSG x 1 2\r\n"); }},
                    Body{"AMebibyte", [] { return noise(1'048'576); }}),
    [](const testing::TestParamInfo<Body>& body) { return body.param.name; });

TEST_F(Content, OfAMessageIsWhole) {
    const Headers headers{{"x-plain", "value"}, {"traceparent", "00-0af7651916cd43dd-b7ad-01"}};
    const auto delivery = sent({.id = "order-7/1",
                                .body = R"({"a": 1})",
                                .key = "customer-9",
                                .content_type = "application/json; charset=utf-8",
                                .headers = headers});
    EXPECT_EQ(delivery.body, R"({"a": 1})");
    EXPECT_EQ(delivery.content_type, "application/json; charset=utf-8");
    EXPECT_EQ(delivery.destination, place().destination);
    EXPECT_TRUE(place().exchange.empty() || delivery.exchange == place().exchange);
    expect_headers(delivery, headers);
}

TEST_F(Content, HasItsId) {
    EXPECT_EQ(sent({.id = "id/ä 7", .body = "x", .key = {}, .headers = {}}).id, "id/ä 7");
}

TEST_F(Content, HasItsKey) {
    EXPECT_EQ(sent({.id = "1", .body = "x", .key = "Käthe 7", .headers = {}}).key, "Käthe 7");
}

TEST_F(Content, HasAllItsHeaders) {
    Headers headers{{"ce-subject", "Größe → 1"},
                    {"empty", ""},
                    {"Mixed-Case_Name.x", "colon: here"},
                    {"long", std::string(4'096, 'v')},
                    {"quotes", R"("\', {}[]<>=;)"}};
    for (int number = 0; number < 50; ++number) {
        headers.emplace_back("x-" + std::to_string(number), std::to_string(number));
    }
    expect_headers(sent({.id = "1", .body = "x", .key = {}, .headers = headers}), headers);
}

TEST_F(Content, HasHeadersThatAreNoUtf8) {
    const Headers headers{{"latin", "gr\xfc\xdf"}, {"broken", "\xff\xfe\xc3\x28\xed\xa0\x80\x01"}};
    expect_headers(sent({.id = "1", .body = "x", .key = {}, .headers = headers}), headers);
}

TEST_F(Content, HasHeadersWithControls) {
    const Headers headers{{"nul", std::string("a\0b", 3)}, {"lines", "a\r\nb: c\r\n\r\n"}};
    expect_headers(sent({.id = "1", .body = "x", .key = {}, .headers = headers}), headers);
}

/// Whether a broker takes it or not: nobody else may suffer.
TEST_F(Content, ThatIsHostileDoesNotHarmOthers) {
    auto& source = consume();
    source.settle_all();
    const std::vector<Out> hostile{
        {.id = std::string("\0\r\n", 3), .body = "h1", .key = "\xff", .headers = {}},
        {.id = std::string(70'000, 'i'),
         .body = "h2",
         .key = std::string(70'000, 'k'),
         .headers = {}},
        {.id = "3",
         .body = "h3",
         .key = {},
         .content_type = std::string("a\r\n\0b", 5),
         .headers = {}},
        {.id = "4", .body = "h4", .key = {}, .headers = {{"", "nameless"}}},
        {.id = "5",
         .body = "h5",
         .key = {},
         .headers = {{"a\r\nb", "c"}, {std::string(1, '\0'), "d"}}},
        {.id = "6", .body = "h6", .key = {}, .headers = {{"large", std::string(200'000, 'x')}}}};
    for (const Out& out : hostile) {
        const auto outcome = node().publish(place(), out);
        if (outcome.ok()) {
            (void)source.wait_for(out.body);
        }
        publish("after " + out.body);
        (void)source.wait_for("after " + out.body);
    }
}

class Coordinates : public Case {};

TEST_F(Coordinates, AreUniqueWhateverTheContent) {
    constexpr std::size_t kCount = 100;
    auto& source = consume();
    for (std::size_t i = 0; i < kCount; ++i) {
        ASSERT_TRUE(
            node().publish(place(), {.id = {}, .body = "same", .key = "k", .headers = {}}).ok());
    }
    std::set<std::string> seen;
    for (const auto& one : source.wait(kCount)) {
        EXPECT_FALSE(one.coordinates.empty());
        EXPECT_TRUE(seen.insert(one.coordinates).second) << one.coordinates << " came twice";
    }
}

TEST_F(Coordinates, StayTheSameWhenTheMessageComesAgain) {
    auto& source = consume({.retries = {.limit = 10}});
    publish_all({"a", "b"});
    std::map<std::string, std::string> first;
    for (const auto& body : {"a", "b"}) {
        const auto one = source.wait_for(body);
        first[body] = one.coordinates;
        source.retry(one);
    }
    for (const auto& body : {"a", "b"}) {
        EXPECT_EQ(source.wait_for(body, 2).coordinates, first[body]);
    }
    restart();
    auto& again = consume();
    for (const auto& body : {"a", "b"}) {
        EXPECT_EQ(again.wait_for(body).coordinates, first[body]);
    }
}

}  // namespace
}  // namespace belfry::conformance::broker
