#include "daemon/mailbox/envelope.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

using config::Envelope;
using config::EnvelopeSettings;

Message plain() {
    return {.destination = "notify.42",
            .id = "m1",
            .content_type = "application/json",
            .body = R"({"user":{"id":42},"kind":"paid","title":"T","key":"k/1","list":["x"]})",
            .headers = {{"X-Id", "h1"}, {"subject", "user:a"}, {"to", "alice"}},
            .time = 7,
            .coordinates = "orders/3@17"};
}

Accepted<Draft> read(const EnvelopeSettings& settings, Message message = plain()) {
    return EnvelopeReader(settings, "shop").read(std::move(message));
}

EnvelopeSettings with_id(const std::string& id) {
    EnvelopeSettings settings;
    settings.plain.id = id;
    return settings;
}

EnvelopeSettings with_subject(const std::string& subject, const std::string& prefix = {}) {
    EnvelopeSettings settings;
    settings.plain.subject = subject;
    settings.plain.subject_prefix = prefix;
    return settings;
}

TEST(Envelope, ReadsAPlainMessage) {
    const auto draft = read({});
    ASSERT_TRUE(draft) << draft.error().detail;
    EXPECT_EQ(draft->source, "shop/notify.42");
    EXPECT_EQ(draft->event_id, "m1");
    EXPECT_EQ(draft->streams, std::vector<std::string>{"user:a"});
    EXPECT_EQ(draft->type, "");
    EXPECT_EQ(draft->title, "T");
    EXPECT_EQ(draft->data, plain().body);
}

TEST(Envelope, FindsTheIdWhereItIsSaidToBe) {
    EXPECT_EQ(read(with_id("message"))->event_id, "m1");
    EXPECT_EQ(read(with_id("coordinates"))->event_id, "orders/3@17");
    EXPECT_EQ(read(with_id("header:x-id"))->event_id, "h1");
    EXPECT_EQ(read(with_id("json:/user/id"))->event_id, "42");
    EXPECT_EQ(read(with_id("json:/key"))->event_id, "k/1");
    EXPECT_EQ(read(with_id("json:/list/0"))->event_id, "x");
    Message without = plain();
    without.id.clear();
    EXPECT_EQ(read({}, without)->event_id, "orders/3@17") << "the default falls back";
    EXPECT_EQ(read(with_id("message"), without).error().detail, "the message has no id at message");
    for (const char* place : {"header:none", "json:/none", "json:/user", "json:/list/9", "json:"}) {
        const auto refused = read(with_id(place));
        ASSERT_FALSE(refused) << place;
        EXPECT_EQ(refused.error().why, Rejection::undecodable);
        EXPECT_EQ(refused.error().detail, "the message has no id at " + std::string(place));
    }
}

/// Two messages must not become one because their places are long or are no text.
TEST(Envelope, TellsMessagesApartWhateverTheirPlacesAre) {
    const auto id_of = [](const std::string& coordinates) {
        Message message = plain();
        message.coordinates = coordinates;
        return read(with_id("coordinates"), message)->event_id;
    };
    const std::string deep(300, 'x');
    EXPECT_NE(id_of(deep + "1"), id_of(deep + "2"));
    EXPECT_EQ(id_of(deep + "1"), id_of(deep + "1"));
    EXPECT_NE(id_of("\xff\x01"), id_of("\xff\x02"));
    EXPECT_LE(id_of(deep).size(), 200U);
    Message far = plain();
    far.destination = std::string(1000, 'd');
    EXPECT_LE(read({}, far)->source.size(), 200U);
}

TEST(Envelope, FindsTheSubjectWhereItIsSaidToBe) {
    const auto stream = [](const EnvelopeSettings& settings) {
        return read(settings).value_or(Draft{.streams = {"none"}}).streams.at(0);
    };
    EXPECT_EQ(stream(with_subject("header:to", "user:")), "user:alice");
    EXPECT_EQ(stream(with_subject("json:/user/id", "user:")), "user:42");
    EXPECT_EQ(stream(with_subject("json:/kind", "topic:")), "topic:paid");
    EXPECT_EQ(stream(with_subject("destination:notify.", "user:")), "user:42");
    EXPECT_EQ(stream(with_subject("destination:", "topic:")), "topic:notify.42");
    for (const char* place :
         {"header:none", "json:/none", "destination:other.", "destination:notify.42"}) {
        const auto refused = read(with_subject(place, "user:"));
        ASSERT_FALSE(refused) << place;
        EXPECT_EQ(refused.error().detail, "the message has no subject at " + std::string(place));
    }
    EXPECT_TRUE(read(with_subject("header:to")).error().detail.contains("subject"));
}

TEST(Envelope, FindsTheTypeOrHasOneForAll) {
    EnvelopeSettings settings;
    settings.plain.type = "order";
    EXPECT_EQ(read(settings)->type, "order");
    settings.plain.type = "json:/kind";
    EXPECT_EQ(read(settings)->type, "paid");
    settings.plain.type = "header:none";
    EXPECT_FALSE(read(settings));
}

TEST(Envelope, RefusesABodyInWhichItShouldFindSomething) {
    for (const std::string& body :
         {std::string(), std::string("{"), std::string("\xff"), std::string("\0\0", 2),
          std::string(50, '[') + std::string(50, ']'), std::string("text")}) {
        Message message = plain();
        message.body = body;
        const auto refused = read(with_id("json:/id"), message);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().why, Rejection::undecodable);
        EXPECT_TRUE(refused.error().detail.contains("JSON")) << refused.error().detail;
    }
}

TEST(Envelope, RefusesWhatIsTooLarge) {
    EnvelopeSettings settings;
    settings.max_bytes = plain().body.size();
    EXPECT_TRUE(read(settings));
    --settings.max_bytes;
    const auto refused = read(settings);
    ASSERT_FALSE(refused);
    EXPECT_EQ(to_reason(refused.error()),
              "oversize: the body: expected at most " + std::to_string(settings.max_bytes) +
                  " bytes, found " + std::to_string(settings.max_bytes + 1));
}

TEST(Envelope, RefusesTypesThatAreNotTaken) {
    EnvelopeSettings settings;
    settings.plain.type = "json:/kind";
    settings.types = {"order", "paid"};
    EXPECT_TRUE(read(settings));
    settings.types = {"order"};
    const auto refused = read(settings);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(to_reason(refused.error()).starts_with("unknown type: "));
    EXPECT_FALSE(to_reason(refused.error()).contains("paid"));
}

TEST(Envelope, ReadsCloudEventsByItsMode) {
    Message event = plain();
    event.headers = {{"ce-specversion", "1.0"}, {"ce-id", "e1"},          {"ce-source", "/shop"},
                     {"ce-type", "t"},          {"ce-subject", "user:c"}, {"subject", "user:a"}};
    EnvelopeSettings settings;
    EXPECT_EQ(read(settings, event)->event_id, "e1");
    EXPECT_EQ(read(settings)->event_id, "m1");
    settings.envelope = Envelope::cloudevents;
    EXPECT_EQ(read(settings, event)->event_id, "e1");
    EXPECT_TRUE(read(settings).error().detail.contains("no CloudEvent"));
    settings.envelope = Envelope::plain;
    EXPECT_EQ(read(settings, event)->event_id, "m1");
    EXPECT_EQ(read(settings, event)->streams.at(0), "user:a");
    event.headers.front().second = "0.3";
    settings.envelope = Envelope::automatic;
    EXPECT_FALSE(read(settings, event)) << "a broken one is no plain message";
}

TEST(Envelope, SaysNothingOfThePayload) {
    for (const char* subject : {"hush", "user:", "user:hush hush", "group:hush"}) {
        Message message = plain();
        message.headers = {{"subject", subject}};
        const auto refused = read({}, message);
        ASSERT_FALSE(refused);
        EXPECT_FALSE(refused.error().detail.contains("hush")) << refused.error().detail;
    }
    Message message = plain();
    message.body = "{\"hush\":";
    EXPECT_FALSE(read({}, message).error().detail.contains("hush"));
}

}  // namespace
}  // namespace belfry::test
