// Frames of the server.
#include "tests/unit/delivery_websocket/client.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

TEST(Outgoing, FramesAreUnmaskedWithTheShortestLength) {
    Server server;
    for (const std::size_t length : {0, 1, 125, 126, 65'535, 65'536, 1'000'000}) {
        const std::string payload(length, 'y');
        const auto bytes =
            testkit::frame(server.instance(), BF_FRAME_TEXT, payload, "1.2", "entry");
        EXPECT_EQ(parse_frames(bytes), (std::vector<ServerFrame>{{1, payload}})) << length;
    }
}

TEST(Outgoing, KindsHaveTheirOpcodes) {
    Server server;
    EXPECT_EQ(testkit::frame(server.instance(), BF_FRAME_TEXT, "hi"), "\x81\x02hi");
    EXPECT_EQ(testkit::frame(server.instance(), BF_FRAME_BINARY, "hi"), "\x82\x02hi");
    EXPECT_EQ(testkit::frame(server.instance(), BF_FRAME_PING, ""), std::string("\x89\x00", 2));
}

TEST(Outgoing, FrameIsPure) {
    Server server;
    const auto once = testkit::frame(server.instance(), BF_FRAME_TEXT, "same", "1.1");
    EXPECT_EQ(testkit::frame(server.instance(), BF_FRAME_TEXT, "same", "1.2"), once);
}

TEST(Outgoing, CloseSaysCodeAndReasonThenFinishes) {
    Server server;
    testkit::Link link(server.instance());
    server.connect(link);
    link.close(4401, "token expired");
    const Seen seen = observe(link);
    EXPECT_EQ(seen.frames, (std::vector<ServerFrame>{{8, close_payload(4401, "token expired")}}));
    EXPECT_TRUE(seen.finished);
}

TEST(Outgoing, LongReasonIsCutBetweenCodePoints) {
    Server server;
    testkit::Link link(server.instance());
    server.connect(link);
    link.close(3000, std::string(122, 'x') + "\xe2\x82\xac");
    EXPECT_EQ(observe(link).frames,
              (std::vector<ServerFrame>{{8, close_payload(3000, std::string(122, 'x'))}}));
}

TEST(Outgoing, CodeThatIsNoneBecomesNormal) {
    Server server;
    for (const std::uint32_t code : {0U, 1005U, 1006U, 1015U, 2999U, 5000U, 70'000U}) {
        testkit::Link link(server.instance());
        server.connect(link);
        link.close(code, "");
        EXPECT_EQ(observe(link).closed(), 1000) << code;
    }
}

}  // namespace
}  // namespace belfry::test
