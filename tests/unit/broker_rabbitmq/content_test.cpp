// Properties and headers of every kind, hostile ones included.
#include "tests/unit/broker_rabbitmq/rabbit.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace belfry::test {
namespace {

amqp_bytes_t bytes_of(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};
}

amqp_table_entry_t entry(std::string_view name, amqp_field_value_kind_t kind) {
    amqp_table_entry_t entry{};
    entry.key = bytes_of(name);
    entry.value.kind = static_cast<std::uint8_t>(kind);
    return entry;
}

amqp_table_entry_t text_entry(std::string_view name, std::string_view value) {
    auto made = entry(name, AMQP_FIELD_KIND_UTF8);
    made.value.value.bytes = bytes_of(value);
    return made;
}

class Contents : public Rabbit {
protected:
    Delivery sent(std::vector<amqp_table_entry_t> entries,
                  amqp_basic_properties_t properties = {}) {
        in = &consume(node(), R"("topology": "declare")", {.retries = {.limit = 3}});
        properties._flags |= AMQP_BASIC_HEADERS_FLAG;
        properties.headers = {static_cast<int>(entries.size()), entries.data()};
        client().publish("", queue(), "body", properties);
        return in->wait(1).at(0);
    }
    Source* in = nullptr;
};

TEST_F(Contents, HeadersOfAllTypesAreTexts) {
    std::vector<amqp_table_entry_t> entries;
    const auto add = [&](std::string_view name, amqp_field_value_kind_t kind) -> auto& {
        return entries.emplace_back(entry(name, kind)).value.value;
    };
    add("bool", AMQP_FIELD_KIND_BOOLEAN).boolean = 1;
    add("i8", AMQP_FIELD_KIND_I8).i8 = -8;
    add("i16", AMQP_FIELD_KIND_I16).i16 = -1'600;
    add("i32", AMQP_FIELD_KIND_I32).i32 = -320'000;
    add("i64", AMQP_FIELD_KIND_I64).i64 = INT64_MIN;
    add("double", AMQP_FIELD_KIND_F64).f64 = 0.1;
    add("time", AMQP_FIELD_KIND_TIMESTAMP).u64 = 1'700'000'000;
    add("far", AMQP_FIELD_KIND_TIMESTAMP).u64 = 1ULL << 62U;
    add("decimal", AMQP_FIELD_KIND_DECIMAL).decimal = {2, 5};
    add("void", AMQP_FIELD_KIND_VOID);
    add("bytes", AMQP_FIELD_KIND_BYTES).bytes = bytes_of(std::string_view("\0\xff", 2));
    amqp_table_entry_t inner = text_entry("a", "b");
    add("table", AMQP_FIELD_KIND_TABLE).table = {1, &inner};
    amqp_field_value_t item = inner.value;
    add("array", AMQP_FIELD_KIND_ARRAY).array = {1, &item};
    const auto one = sent(entries);
    EXPECT_EQ(one.header("bool"), "true");
    EXPECT_EQ(one.header("i8"), "-8");
    EXPECT_EQ(one.header("i16"), "-1600");
    EXPECT_EQ(one.header("i32"), "-320000");
    EXPECT_EQ(one.header("i64"), "-9223372036854775808");
    EXPECT_EQ(one.header("double"), "0.1");
    EXPECT_EQ(one.header("time"), "2023-11-14T22:13:20Z");
    EXPECT_EQ(one.header("far"), std::to_string(1ULL << 62U));
    EXPECT_EQ(one.header("decimal"), "0.05");
    EXPECT_EQ(one.header("void"), "");
    EXPECT_EQ(one.header("bytes"), std::string("\0\xff", 2));
    EXPECT_EQ(one.header("table"), R"({"a":"b"})");
    EXPECT_EQ(one.header("array"), R"(["b"])");
}

// A retry and a death lead it through other queues.
TEST_F(Contents, StayWhatTheyAreOnAllWays) {
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG |
                        AMQP_BASIC_PRIORITY_FLAG | AMQP_BASIC_EXPIRATION_FLAG |
                        AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_TIMESTAMP_FLAG |
                        AMQP_BASIC_USER_ID_FLAG;
    properties.type = bytes_of("order.created");
    properties.correlation_id = bytes_of("c-1");
    properties.priority = 7;
    properties.expiration = bytes_of("600000");
    properties.content_type = bytes_of("application/json");
    properties.timestamp = 1'700'000'000;
    properties.user_id = bytes_of("guest");
    auto number = entry("number", AMQP_FIELD_KIND_I64);
    number.value.value.i64 = 5;
    const auto expect_same = [](const Delivery& one) {
        EXPECT_EQ(one.header("amqp-type"), "order.created");
        EXPECT_EQ(one.header("amqp-correlation-id"), "c-1");
        EXPECT_EQ(one.header("amqp-priority"), "7");
        EXPECT_EQ(one.header("amqp-expiration"), "600000");
        EXPECT_EQ(one.header("amqp-user-id"), "guest");
        EXPECT_EQ(one.header("number"), "5");
        EXPECT_EQ(one.content_type, "application/json");
        EXPECT_EQ(one.time, 1'700'000'000'000'000'000);
    };
    const auto first = sent({number}, properties);
    expect_same(first);
    in->retry(first);
    const auto second = in->wait(2).at(1);
    expect_same(second);
    EXPECT_EQ(second.header("x-retry-attempts"), "1");
    EXPECT_FALSE(second.header("x-death"));
    in->dead(second, "bad");
    const auto letter = in->wait_for_dead(1).at(0);
    EXPECT_EQ(letter.header("number"), "5");
    EXPECT_EQ(letter.header("amqp-type"), "order.created");
    EXPECT_EQ(in->replay(1), 1U);
    const auto third = in->wait(3).at(2);
    expect_same(third);
    EXPECT_EQ(third.attempt, 1U);
}

TEST_F(Contents, PropertiesArePublished) {
    auto& here = node();
    auto& to = consume(here);
    ASSERT_TRUE(here.publish(place(), {.id = "1",
                                       .body = "x",
                                       .headers = {{"amqp-type", "t"},
                                                   {"amqp-priority", "300"},
                                                   {"amqp-expiration", "soon"},
                                                   {"amqp-user-id", "somebody"},
                                                   {"amqp-reply-to", "amq.rabbitmq.reply-to"}}})
                    .ok());
    const auto one = to.wait(1).at(0);
    EXPECT_EQ(one.header("amqp-type"), "t");
    EXPECT_EQ(one.header("amqp-priority"), "300");
    EXPECT_EQ(one.header("amqp-expiration"), "soon");
    EXPECT_EQ(one.header("amqp-user-id"), "somebody");
}

// RabbitMQ would send copies to these queues.
TEST_F(Contents, RoutingHeadersWorkOnlyOnce) {
    client().declare_queue(queue() + ".copy");
    amqp_field_value_t key{};
    key.kind = AMQP_FIELD_KIND_UTF8;
    const std::string copy = queue() + ".copy";
    key.value.bytes = bytes_of(copy);
    auto cc = entry("CC", AMQP_FIELD_KIND_ARRAY);
    cc.value.value.array = {1, &key};
    const auto first = sent({cc});
    in->retry(first);
    in->dead(in->wait(2).at(1), "bad");
    (void)in->wait_for_dead(1);
    EXPECT_EQ(client().waiting(copy), 1U);
    EXPECT_EQ(in->replay(1), 1U);
    (void)in->wait(3);
    EXPECT_EQ(client().waiting(copy), 1U);
}

TEST_F(Contents, NestedWithoutEndAreDelivered) {
    std::vector<amqp_table_entry_t> levels(3'000, entry("a", AMQP_FIELD_KIND_TABLE));
    levels.back() = text_entry("end", "x");
    for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
        levels[i].value.value.table = {1, &levels[i + 1]};
    }
    const auto one = sent({levels.front()});
    EXPECT_TRUE(one.header("a"));
    in->retry(one);
    in->dead(in->wait(2).at(1), "deep");
    EXPECT_EQ(in->wait_for_dead(1).at(0).body, "body");
}

// Together with what this plugin adds they are too large for a frame.
TEST_F(Contents, HeadersThatFillAFrameDoNotBlock) {
    const std::string large(131'000, 'h');
    const auto one = sent({text_entry("large", large)});
    EXPECT_EQ(one.header("large"), large);
    in->retry(one);
    const auto letter = in->wait_for_dead(1).at(0);
    EXPECT_EQ(letter.body, "body");
    EXPECT_NE(letter.header(BF_HEADER_REASON).value_or("").find("frame_max"), std::string::npos);
}

TEST_F(Contents, ForgedHeadersOfOursAreHarmless) {
    const auto one =
        sent({text_entry("belfry-headers", "no table"), text_entry("belfry-id", ""),
              text_entry("belfry-exchange", "amq.topic"), text_entry("x-retry-attempts", "-7"),
              text_entry("x-delivery-count", "many")});
    EXPECT_EQ(one.attempt, 1U);
    EXPECT_EQ(one.destination, queue());
    EXPECT_EQ(one.exchange, "");
    in->dead(one, "forged");
    EXPECT_EQ(in->wait_for_dead(1).at(0).destination, queue());
    EXPECT_EQ(in->replay(1), 1U);
    EXPECT_EQ(in->wait(2).at(1).destination, queue());
}

}  // namespace
}  // namespace belfry::test
