#include "tests/unit/net/support.hpp"

#include <gtest/gtest.h>

#include <mutex>

namespace belfry::net::test {
namespace {

/// Notes what happens to a stream.
class Noted : public StreamHandler {
public:
    void on_bytes(ByteView bytes) override { note(std::string(text_of(bytes))); }
    void on_drained() override { ++drained; }
    void on_time() override { note("(time)"); }
    void on_closed() override { note("(closed)"); }

    std::string noted() {
        const std::lock_guard lock(mutex_);
        return noted_;
    }
    bool reaches(const std::string& text) {
        return eventually([&] { return noted() == text; });
    }
    Stream* stream = nullptr;  ///< the shard's thread
    std::atomic<int> drained = 0;

private:
    void note(const std::string& text) {
        const std::lock_guard lock(mutex_);
        noted_ += text;
    }
    std::mutex mutex_;
    std::string noted_;
};

class StreamTest : public testing::Test {
protected:
    void start(Client& client, const std::string& early = {}) {
        client.send(get("/up", "Connection: upgrade\r\nUpgrade: x\r\n") + early);
        EXPECT_EQ(client.response().substr(0, 12), "HTTP/1.1 101");
    }
    /// On the stream's thread.
    void with_stream(const std::function<void(Stream&)>& act) {
        server_.run([&] { act(*handler_->stream); });
    }

    std::shared_ptr<Noted> handler_ = std::make_shared<Noted>();
    Server server_{[this](Request request, Exchange exchange) {
        if (request.path == "/up") {
            handler_->stream = exchange.upgrade(101, {{"upgrade", "x"}}, handler_);
        } else {
            exchange.respond({.headers = {}, .body = request.path});
        }
    }};
};

TEST_F(StreamTest, GivesEarlyBytesFirst) {
    Client client = server_.connect();
    start(client, "early ");
    client.send("late");
    EXPECT_TRUE(handler_->reaches("early late")) << handler_->noted();
    client.close();
    EXPECT_TRUE(handler_->reaches("early late(closed)"));
    EXPECT_TRUE(server_.reaches(0));
}

TEST_F(StreamTest, GivesBytesThatCameInOneGo) {
    Client client = server_.connect();
    client.send(get("/first") + get("/up", "Upgrade: x\r\n") + "GET /up is data here");
    EXPECT_EQ(body_of(client.response()), "/first");
    EXPECT_EQ(client.response().substr(0, 12), "HTTP/1.1 101");
    EXPECT_TRUE(handler_->reaches("GET /up is data here")) << handler_->noted();
}

TEST_F(StreamTest, WritesInOrderAndTellsWhenAllIsTaken) {
    Client client = server_.connect();
    start(client);
    with_stream([&](Stream& stream) {
        handler_->drained = 0;
        stream.write(SharedBytes::copy("one "));
        stream.write(SharedBytes());
        stream.write(SharedBytes::copy("two"));
        EXPECT_EQ(stream.queued(), 7U);
        EXPECT_EQ(stream.queued_pieces(), 2U);
    });
    EXPECT_EQ(client.read(7), "one two");
    EXPECT_TRUE(eventually([&] { return handler_->drained == 1; }));
    with_stream([](Stream& stream) { EXPECT_EQ(stream.queued(), 0U); });
}

TEST_F(StreamTest, QueuesForAReaderThatStallsAndDrainsOnceItReads) {
    Client client = server_.connect(4096);
    start(client);
    const std::size_t size = 16U << 20U;
    with_stream([&](Stream& stream) {
        stream.write(SharedBytes::copy(std::string(size / 2, 'a')));
        stream.write(SharedBytes::copy(std::string(size / 2, 'b')));
    });
    with_stream([&](Stream& stream) {
        EXPECT_GT(stream.queued(), 0U);
        handler_->drained = 0;
    });
    const std::string all = client.read(size);
    EXPECT_EQ(all.size(), size);
    EXPECT_EQ(all.find('b'), size / 2);
    EXPECT_TRUE(eventually([&] { return handler_->drained > 0; }));
}

TEST_F(StreamTest, ReadsNoMoreFromAPeerThatDoesNotRead) {
    Client client = server_.connect(4096);
    start(client);
    with_stream(
        [](Stream& stream) { stream.write(SharedBytes::copy(std::string(16 << 20, 'a'))); });
    const std::size_t sent =
        client.send_until_blocked(std::string(64 << 20, 'x'), 200 * kMillisecond);
    EXPECT_LT(sent, 64U << 20U);
    client.read(16 << 20);
    client.send("end");
    EXPECT_TRUE(eventually([&] { return handler_->noted().size() == sent + 3; }));
}

TEST_F(StreamTest, FinishSendsTheRest) {
    Client client = server_.connect(4096);
    start(client);
    const std::size_t size = 4U << 20U;
    with_stream([&](Stream& stream) {
        stream.write(SharedBytes::copy(std::string(size, 'a')));
        stream.finish();
        stream.write(SharedBytes::copy("never"));
    });
    client.send("ignored");
    EXPECT_EQ(client.rest().size(), size);
    client.close();
    EXPECT_TRUE(handler_->reaches("(closed)")) << handler_->noted();
}

TEST_F(StreamTest, AbortEndsAtOnce) {
    Client client = server_.connect();
    start(client);
    with_stream([](Stream& stream) {
        stream.write(SharedBytes::copy("never"));
        stream.abort();
    });
    EXPECT_EQ(client.rest().find("never"), std::string::npos);
    EXPECT_TRUE(handler_->reaches("(closed)"));
    EXPECT_TRUE(server_.reaches(0));
}

TEST_F(StreamTest, RingsItsTimerOnce) {
    Client client = server_.connect();
    start(client);
    with_stream([](Stream& stream) {
        stream.set_timer(3600 * kSecond);
        stream.set_timer(kMillisecond);
    });
    EXPECT_TRUE(handler_->reaches("(time)"));
    with_stream([](Stream& stream) {
        stream.set_timer(kMillisecond);
        stream.set_timer(0);
    });
    client.close();
    EXPECT_TRUE(handler_->reaches("(time)(closed)"));
}

TEST_F(StreamTest, TellsOfAReset) {
    Client client = server_.connect();
    start(client);
    client.reset();
    EXPECT_TRUE(handler_->reaches("(closed)"));
    EXPECT_TRUE(server_.reaches(0));
}

TEST_F(StreamTest, IsNotTouchedByDrain) {
    Client client = server_.connect();
    start(client);
    server_.shards.front()->drain();
    client.send("still here");
    EXPECT_TRUE(handler_->reaches("still here"));
}

TEST(Upgrade, OfAConnectionThatIsGoneGivesNothing) {
    std::optional<Exchange> kept;
    Server server([&](Request, Exchange exchange) { kept.emplace(std::move(exchange)); });
    Client client = server.connect();
    client.send(get("/up", "Upgrade: x\r\n"));
    EXPECT_TRUE(eventually([&] {
        bool has = false;
        server.run([&] { has = kept.has_value(); });
        return has;
    }));
    client.reset();
    ASSERT_TRUE(server.reaches(0));
    server.run([&] { EXPECT_EQ(kept->upgrade(101, {}, std::make_shared<Noted>()), nullptr); });
}

TEST(Upgrade, BehindAnUnansweredRequestIsRefusedWithoutHarmToIt) {
    std::optional<Exchange> kept;
    bool was_refused = false;
    Server server([&](const Request& request, Exchange exchange) {
        if (request.path == "/first") {
            kept.emplace(std::move(exchange));
        } else {
            was_refused = exchange.upgrade(200, {}, std::make_shared<Noted>()) == nullptr;
            kept->respond({.headers = {}, .body = "first"});
        }
    });
    Client client = server.connect();
    client.send(get("/first") + get("/events"));
    EXPECT_EQ(body_of(client.response()), "first");
    EXPECT_EQ(status_of(client.rest()), "503");
    EXPECT_TRUE(was_refused);
}

TEST(UnixSocket, TakesTheLastBytesOfAPeerThatLeft) {
    auto handler = std::make_shared<Noted>();
    const std::string path =
        testing::TempDir() + "belfry-net-last-" + std::to_string(getpid()) + ".sock";
    Server server([&](Request, Exchange exchange) { exchange.upgrade(101, {}, handler); }, {}, 1,
                  100, "unix:" + path);
    Client client = server.connect();
    client.send(get("/up", "Upgrade: x\r\n"));
    client.response();
    std::promise<void> hold;
    server.shards.front()->loop().post([&] { hold.get_future().wait(); });
    client.send("last words");
    client.close();
    hold.set_value();
    EXPECT_TRUE(handler->reaches("last words(closed)")) << handler->noted();
}

}  // namespace
}  // namespace belfry::net::test
