#include "daemon/live/bus_message.hpp"

#include "daemon/live/bus_bytes.hpp"
#include "daemon/live/bus_peers.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace belfry::live::test {
namespace {

constexpr std::uint64_t kRun = 0xfeedfacecafebeef;

NotificationPtr notification(std::string body) {
    auto made = std::make_shared<Notification>();
    made->id = "01J";
    made->priority = -3;
    made->title = "title \xc3\xa4";
    made->body = std::move(body);
    made->data = std::string("\0\xff{}", 4);
    made->created_at = 1'700'000'000 * kSecond;
    made->source = "shop";
    made->event_id = "7";
    return made;
}

std::vector<Place> places(const std::string& stream, std::uint64_t first, int count,
                          const NotificationPtr& notification) {
    std::vector<Place> made;
    for (int i = 0; i < count; ++i) {
        made.push_back({stream, 9, {EntryKind::revision, kStateRead, first++, 5, notification}});
    }
    return made;
}

void add(BusWriter& writer, const std::vector<Place>& run, std::size_t most = 1000) {
    std::vector<const Place*> pointers;
    for (const Place& place : run) {
        pointers.push_back(&place);
    }
    writer.add(pointers, most);
}

std::string finish(const BusWriter& writer) { return writer.finish({"node-1", kRun, 4, 77, 256}); }

Result<BusMessage> read(std::string_view bytes, std::uint64_t own = 1) {
    return read_bus_message(
        bytes_of(bytes), [](std::string_view stream) { return stream != "topic:unwanted"; }, own);
}

TEST(BusMessage, ArrivesAsItWasSent) {
    BusWriter writer;
    add(writer, places("user:alice", 41, 2, notification("hello")));
    add(writer, places("topic:unwanted", 1, 1, notification("x")));
    const auto message = read(finish(writer));
    ASSERT_TRUE(message) << message.error().message;
    EXPECT_EQ(message->sender.node, "node-1");
    EXPECT_EQ(message->sender.run, kRun);
    EXPECT_EQ(message->sender.number, 4U);
    EXPECT_EQ(message->sender.sent_at, 77);
    EXPECT_EQ(message->sender.partitions, 256U);
    EXPECT_EQ(message->unwanted, 1U);
    ASSERT_EQ(message->heard.places.size(), 2U);
    const Place& second = message->heard.places[1];
    EXPECT_EQ(second.stream, "user:alice");
    EXPECT_EQ(second.epoch, 9U);
    EXPECT_EQ(second.entry.seq, 42U);
    EXPECT_EQ(second.entry.kind, EntryKind::revision);
    EXPECT_EQ(second.entry.state, kStateRead);
    EXPECT_EQ(second.entry.read_at, 5);
    const Notification& got = *second.entry.notification;
    EXPECT_EQ(got.priority, -3);
    EXPECT_EQ(got.title, "title \xc3\xa4");
    EXPECT_EQ(got.body, "hello");
    EXPECT_EQ(got.data, std::string("\0\xff{}", 4));
    EXPECT_EQ(got.created_at, 1'700'000'000 * kSecond);
    EXPECT_EQ(got.event_id, "7");
}

TEST(BusMessage, TellsOnlyTheHeadOfWhatIsTooBig) {
    BusWriter writer;
    add(writer, places("user:alice", 41, 3, notification(std::string(500, 'x'))), 1000);
    EXPECT_LT(writer.size(), 100U);
    const auto message = read(finish(writer));
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->heard.places.empty());
    ASSERT_EQ(message->heard.heads.size(), 1U);
    EXPECT_EQ(message->heard.heads[0].stream, "user:alice");
    EXPECT_EQ(message->heard.heads[0].epoch, 9U);
    EXPECT_EQ(message->heard.heads[0].head, 43U);
}

TEST(BusMessage, HasANotificationForManyStreamsOnce) {
    BusWriter writer;
    const auto shared = notification(std::string(900, 'x'));
    for (int i = 0; i < 100; ++i) {
        add(writer, places("user:" + std::to_string(i), 1, 1, shared), 10'000);
    }
    EXPECT_LT(writer.size(), 4000U);
    EXPECT_EQ(read(finish(writer))->heard.places.size(), 100U);
}

TEST(BusMessage, OfOnesOwnRunIsNotReadFurther) {
    BusWriter writer;
    add(writer, places("user:alice", 1, 1, notification("x")));
    const auto message = read(finish(writer), kRun);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->heard.places.empty());
}

TEST(BusMessage, DamagedInAnyByteIsRejected) {
    BusWriter writer;
    add(writer, places("user:alice", 1, 2, notification("hello")));
    const std::string good = finish(writer);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x10);
        EXPECT_FALSE(read(bad)) << i;
        EXPECT_FALSE(read(good.substr(0, i))) << i;
    }
    EXPECT_FALSE(read(good + 'x'));
    EXPECT_FALSE(read(""));
}

/// The checksum keeps out accidents only: what comes with a right one is read, and must do no harm.
std::string sealed(std::string bytes) {
    const std::uint64_t sum = fnv(bytes);
    for (unsigned shift = 0; shift < 64; shift += 8) {
        bytes += static_cast<char>(sum >> shift);
    }
    return bytes;
}

TEST(BusMessage, ForgedBytesDoNoHarm) {
    BusWriter writer;
    add(writer, places("user:alice", 1, 3, notification("hello")));
    add(writer, places("user:bob", 1, 1, notification(std::string(2000, 'x'))));
    std::string good = finish(writer);
    good.resize(good.size() - 8);
    ASSERT_TRUE(read(sealed(good)));
    std::mt19937 random(7);
    std::size_t refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string bad = good;
        for (auto changes = 1 + random() % 4; changes > 0; --changes) {
            bad[4 + random() % (bad.size() - 4)] = static_cast<char>(random());
        }
        bad.resize(bad.size() - (random() % 8 == 0 ? random() % (bad.size() - 4) : 0));
        const auto message = read(sealed(bad));
        refused += message ? 0 : 1;
        for (const Place& place : message ? message->heard.places : std::vector<Place>{}) {
            ASSERT_NE(place.entry.notification, nullptr);
        }
    }
    EXPECT_GT(refused, 1000U);
}

TEST(BusMessage, RefusesWhatNoStorageCouldHaveGiven) {
    const auto with_run = [](std::string_view stream, std::uint64_t epoch, std::uint64_t first,
                             std::uint64_t count) {
        std::string bytes("BFB\x01");
        put_text(bytes, "n");
        for (const std::uint64_t number : {2, 1, 1, 256, 0, 1}) {
            put_number(bytes, number);
        }
        put_text(bytes, stream);
        for (const std::uint64_t number : {epoch, first, count, std::uint64_t{0}}) {
            put_number(bytes, number);
        }
        return sealed(bytes);
    };
    EXPECT_TRUE(read(with_run("user:a", 1, 1, 1)));
    EXPECT_FALSE(read(with_run("user:a", 0, 1, 1)));
    EXPECT_FALSE(read(with_run("user:a", 1, 0, 1)));
    EXPECT_FALSE(read(with_run("user:a", 1, 1, 0)));
    EXPECT_FALSE(read(with_run("user:a", 1, 2, UINT64_MAX)));
    EXPECT_FALSE(read(with_run("nothing", 1, 1, 1)));
}

TEST(BusMessage, PartitionsAreSpreadAndTheSameEverywhere) {
    EXPECT_EQ(partition_of("user:alice", 256), partition_of("user:alice", 256));
    EXPECT_EQ(fnv("a"), 0xaf63dc4c8601ec8cU);
    std::set<std::uint32_t> used;
    for (int i = 0; i < 5000; ++i) {
        used.insert(partition_of("user:" + std::to_string(i), 256));
    }
    EXPECT_EQ(used.size(), 256U);
}

TEST(BusPeersTest, CountsWhatIsMissing) {
    BusPeers peers;
    const auto note = [&peers](std::uint64_t number, std::uint32_t partition = 3) {
        return peers.note({"n", 5, number, 0, 256}, partition, kSecond);
    };
    EXPECT_EQ(note(10), 0U) << "what was before the first is not known";
    EXPECT_EQ(note(11), 0U);
    EXPECT_EQ(note(14), 2U);
    EXPECT_EQ(note(12), 0U) << "late";
    EXPECT_EQ(note(14), 0U) << "repeated";
    EXPECT_EQ(note(15), 0U);
    EXPECT_EQ(note(1, 4), 0U) << "another partition";
    EXPECT_TRUE(peers.has("n", 2 * kSecond));
    EXPECT_FALSE(peers.has("n", 20 * kSecond));
    peers.forget(62 * kSecond);
    EXPECT_EQ(peers.size(), 0U);
    for (std::uint64_t run = 0; run < 5000; ++run) {
        peers.note({"n", run, 1, 0, 256}, 0, 0);
    }
    EXPECT_LE(peers.size(), 1024U);
}

}  // namespace
}  // namespace belfry::live::test
