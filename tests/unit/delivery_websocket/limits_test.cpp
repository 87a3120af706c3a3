// What a hostile client can cost.
#include "tests/unit/delivery_websocket/client.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

namespace belfry::test {
namespace {

const FrameShape kNotLast{.fin = false};

TEST(Limits, TooBigIsRefusedAtTheFirstByteOfTheFrameThatExceedsIt) {
    Server server(config(1000));
    const std::string first = frame(2, std::string(600, 'x'), kNotLast);
    const std::string second = frame(0, std::string(401, 'x'));
    testkit::Link link(server.instance());
    server.connect(link);
    link.read(first);
    EXPECT_FALSE(link.finished());
    link.read(std::string_view(second).substr(0, 9));
    EXPECT_EQ(observe(link).closed(), 1009);
}

TEST(Limits, ExactlyTheLimitPasses) {
    Server server(config(1000));
    const std::string bytes =
        frame(2, std::string(600, 'x'), kNotLast) + frame(0, std::string(400, 'x'));
    EXPECT_EQ(talk(server, bytes).messages, std::vector{std::string(1000, 'x')});
}

TEST(Limits, FragmentsAreCounted) {
    Server server;
    std::string bytes = frame(1, "", kNotLast);
    for (int count = 1; count < 1024; ++count) {
        bytes += frame(0, "", count == 1023 ? FrameShape{} : kNotLast);
    }
    EXPECT_EQ(talk(server, bytes).messages, std::vector<std::string>{""});
    bytes = frame(1, "", kNotLast);
    for (int count = 1; count < 100'000; ++count) {
        bytes += frame(0, "", kNotLast);
    }
    EXPECT_EQ(talk(server, bytes).closed(), 1008);
}

TEST(Limits, PingFloodIsClosed) {
    Server server;
    std::string ten;
    for (int count = 0; count < 10; ++count) {
        ten += frame(9, "x");
    }
    testkit::Link link(server.instance());
    server.connect(link);
    link.read(ten);
    EXPECT_FALSE(link.finished());
    server.host().advance(1'000'000'000);
    link.read(ten);
    EXPECT_FALSE(link.finished());
    EXPECT_EQ(observe(link).frames.size(), 20U);
    link.read(ten);
    EXPECT_EQ(observe(link).closed(), 1008);
}

TEST(Limits, NothingIsTakenAfterTheEnd) {
    Server server;
    testkit::Link link(server.instance());
    server.connect(link);
    link.read(frame(3, "x") + frame(1, "late"));
    link.read(frame(1, "later"));
    link.close(1000, "");
    const Seen seen = observe(link);
    EXPECT_EQ(seen.frames.size(), 1U);
    EXPECT_TRUE(seen.messages.empty());
    EXPECT_TRUE(server.host().violations().empty());
}

// The budget of an idle connection is 1 KiB in all of user space; this is the transport's part of
// it.
TEST(Limits, IdleConnectionIsSmall) {
    Server server;
    testkit::Link link(server.instance());
    server.connect(link);
    EXPECT_LE(malloc_usable_size(link.state()), 160U);
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Limits, TrafficLeavesNothingBehind) {
    Server server;
    testkit::Link link(server.instance());
    server.connect(link);
    const auto exchange = [&link] {
        link.read(frame(1, std::string(60'000, 'x')));
        link.read(frame(1, "a", kNotLast));
        link.read(frame(9, "p") + frame(0, "b"));
        (void)link.take_written();
        link.take_received();
    };
    exchange();
    server.host().advance(1'000'000'000);
    const auto before = mallinfo2().uordblks;
    exchange();
    EXPECT_LE(mallinfo2().uordblks, before + 64);
}
#endif

}  // namespace
}  // namespace belfry::test
