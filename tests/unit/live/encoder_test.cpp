#include "daemon/live/encoder.hpp"

#include "tests/unit/live/fakes.hpp"

#include <gtest/gtest.h>

namespace belfry::live::test {
namespace {

std::vector<Entry> run_of(std::initializer_list<const char*> titles) {
    std::vector<Entry> entries;
    for (const char* title : titles) {
        auto notification = std::make_shared<Notification>();
        notification->title = title;
        entries.push_back({.seq = entries.size() + 1, .notification = std::move(notification)});
    }
    return entries;
}

TEST(Encoder, PutsFramesBehindEachOther) {
    LineTransport transport;
    PlainDialect dialect;
    const Encoder encoder(transport, dialect);
    EXPECT_EQ(text_of(encoder.frames("user:a", 1, run_of({"x", "silent", "y"})).view()),
              "user:a#1\nuser:a#3\n");
    EXPECT_TRUE(encoder.frames("user:a", 1, run_of({"silent"})).empty());
    EXPECT_EQ(text_of(encoder.frame("hello", "hello", {}).view()), "hello\n");
    EXPECT_EQ(text_of(encoder.ping().view()), "PING\n");
}

TEST(FrameCache, EncodesOnceForEachEncoder) {
    LineTransport transport;
    PlainDialect dialect;
    const Encoder first(transport, dialect);
    const Encoder second(transport, dialect);
    const std::vector<Entry> entries = run_of({"x", "y"});
    const std::string stream = "user:a";
    FrameCache cache(stream, 1, entries);
    const SharedBytes one = cache.frames(first);
    const SharedBytes two = cache.frames(first);
    EXPECT_EQ(one.get(), two.get());
    EXPECT_EQ(dialect.encoded, 2);
    static_cast<void>(cache.frames(second));
    static_cast<void>(cache.frames(first));
    EXPECT_EQ(dialect.encoded, 4);
}

}  // namespace
}  // namespace belfry::live::test
