// Random conversations in random pieces, compared with what a model of the protocol expects.
#include "tests/unit/delivery_websocket/client.hpp"

#include <gtest/gtest.h>

#include <random>

namespace belfry::test {
namespace {

/// A conversation of sound frames, and what it must lead to.
struct Conversation {
    std::string bytes;
    Seen expected;
};

class Writer {
public:
    explicit Writer(std::uint32_t seed) : random_(seed) {}

    Conversation write() {
        const int count = pick(1, 12);
        for (int number = 0; number < count; ++number) {
            message();
        }
        if (pick(0, 1) == 1) {
            end();
        }
        return made_;
    }

    int pick(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }

private:
    void message() {
        static constexpr int kLengths[] = {0, 1, 5, 125, 126, 300, 4096, 5000, 20'000};
        const bool text = pick(0, 1) == 1;
        std::string content;
        const int length = kLengths[pick(0, 8)];
        while (static_cast<int>(content.size()) < length) {
            content += text ? "a\xe2\x82\xac" : std::string(1, static_cast<char>(pick(0, 255)));
        }
        made_.expected.messages.push_back(content);
        const int pieces = pick(1, 4);
        for (int piece = 1; piece <= pieces; ++piece) {
            const bool last = piece == pieces;
            const auto size =
                last ? content.size()
                     : static_cast<std::size_t>(pick(0, static_cast<int>(content.size())));
            const std::uint8_t opcode = piece > 1 ? 0 : text ? 1 : 2;
            made_.bytes += frame(opcode, content.substr(0, size), {.fin = last});
            content.erase(0, size);
            control();
        }
    }

    void control() {
        if (pick(0, 3) == 0) {
            made_.bytes += frame(10, "unasked");
        }
        if (pick(0, 3) == 0 && pings_ < 10) {
            ++pings_;
            const std::string payload(static_cast<std::size_t>(pick(0, 125)), 'p');
            made_.bytes += frame(9, payload);
            made_.expected.frames.push_back({10, payload});
        }
    }

    void end() {
        made_.bytes += frame(8, close_payload(1001, "bye")) + frame(1, "unheard");
        made_.expected.frames.push_back({8, close_payload(1001)});
        made_.expected.finished = true;
    }

    std::mt19937 random_;
    Conversation made_;
    int pings_ = 0;
};

Seen talk_in_pieces(const Server& server, std::string_view bytes, Writer& random) {
    testkit::Link link(server.instance());
    server.connect(link);
    while (!bytes.empty()) {
        const auto size = static_cast<std::size_t>(random.pick(1, random.pick(1, 9000)));
        link.read(bytes.substr(0, size));
        bytes.remove_prefix(std::min(size, bytes.size()));
    }
    return observe(link);
}

TEST(Chunks, RandomConversationsMeanTheSameInAnyPieces) {
    Server server;
    for (std::uint32_t seed = 1; seed <= 500; ++seed) {
        Writer writer(seed);
        const Conversation one = writer.write();
        ASSERT_EQ(talk_in_pieces(server, one.bytes, writer), one.expected) << "seed " << seed;
    }
    EXPECT_TRUE(server.host().violations().empty());
}

// Whatever is flipped: no crash, one close frame at most and nothing behind it, and the same in any
// pieces.
TEST(Chunks, DamagedConversationsEndOnceAndAlike) {
    Server server;
    for (std::uint32_t seed = 1; seed <= 1000; ++seed) {
        Writer writer(seed);
        std::string bytes = writer.write().bytes;
        for (int flips = writer.pick(1, 3); flips > 0; --flips) {
            const auto at =
                static_cast<std::size_t>(writer.pick(0, static_cast<int>(bytes.size()) - 1));
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << writer.pick(0, 7)));
        }
        const Seen whole = talk(server, bytes);
        ASSERT_EQ(talk_in_pieces(server, bytes, writer), whole) << "seed " << seed;
        const auto closes = std::count_if(whole.frames.begin(), whole.frames.end(),
                                          [](const ServerFrame& one) { return one.opcode == 8; });
        ASSERT_EQ(closes, whole.finished ? 1 : 0) << "seed " << seed;
    }
    EXPECT_TRUE(server.host().violations().empty());
}

}  // namespace
}  // namespace belfry::test
