#include "tests/unit/net/support.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <mutex>

namespace belfry::net::test {
namespace {

/// Answers at once with the method, the path and the body.
void echo(Request request, Exchange exchange) {
    exchange.respond({.status = 200,
                      .headers = {},
                      .body = request.method + ' ' + request.path + ' ' + request.body});
}

/// Keeps exchanges until told.
class Kept {
public:
    RequestHandler handler() {
        return [this](Request request, Exchange exchange) {
            const std::lock_guard lock(mutex_);
            kept_.emplace_back(std::move(request), std::move(exchange));
        };
    }
    bool reaches(std::size_t count) {
        return eventually([&] {
            const std::lock_guard lock(mutex_);
            return kept_.size() >= count;
        });
    }
    std::size_t count() {
        const std::lock_guard lock(mutex_);
        return kept_.size();
    }
    std::pair<Request, Exchange> take(std::size_t index) {
        const std::lock_guard lock(mutex_);
        return std::move(kept_.at(index));
    }
    void answer(std::size_t index) {
        auto [request, exchange] = take(index);
        echo(std::move(request), std::move(exchange));
    }

private:
    std::mutex mutex_;
    std::vector<std::pair<Request, Exchange>> kept_;
};

TEST(Connection, AnswersAndStays) {
    const Server server(echo);
    Client client = server.connect();
    client.send(get("/one"));
    const std::string first = client.response();
    EXPECT_EQ(body_of(first), "GET /one ");
    EXPECT_EQ(first.find("connection: close"), std::string::npos);
    client.send("POST /two HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_EQ(body_of(client.response()), "POST /two body");
}

TEST(Connection, ClosesWhenAsked) {
    const Server server(echo);
    Client client = server.connect();
    client.send(get("/one", "Connection: close\r\n") + get("/two"));
    const std::string first = client.response();
    EXPECT_NE(first.find("\r\nconnection: close\r\n"), std::string::npos) << first;
    EXPECT_EQ(client.rest(), "");
    client.close();
    EXPECT_TRUE(server.reaches(0));
}

TEST(Connection, ClosesBehindHttp10) {
    const Server server(echo);
    Client client = server.connect();
    client.send("GET /old HTTP/1.0\r\n\r\n");
    EXPECT_EQ(body_of(client.rest()), "GET /old ");
}

TEST(Connection, GivesNoBodyToHead) {
    const Server server(echo);
    Client client = server.connect();
    client.send("HEAD /h HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const std::string all = client.rest();
    EXPECT_NE(all.find("content-length: 8"), std::string::npos) << all;
    EXPECT_TRUE(all.ends_with("\r\n\r\n"));
}

TEST(Connection, KeepsTheOrderOfAPipelineAnsweredOutOfOrder) {
    Kept kept;
    const Server server(kept.handler());
    Client client = server.connect();
    constexpr std::size_t kRequests = 8;
    for (std::size_t i = 0; i < kRequests; ++i) {
        client.send(get("/" + std::to_string(i)));
    }
    ASSERT_TRUE(kept.reaches(kRequests));
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = kRequests; i > 0; --i) {
            threads.emplace_back([&kept, i] { kept.answer(i - 1); });
        }
    }
    for (std::size_t i = 0; i < kRequests; ++i) {
        EXPECT_EQ(body_of(client.response()), "GET /" + std::to_string(i) + ' ');
    }
}

TEST(Connection, TakesNoMoreThanThePipelineHolds) {
    Kept kept;
    Server server(kept.handler(), [](ConnectionSettings& settings) { settings.pipeline = 3; });
    Client client = server.connect();
    std::string requests;
    for (int i = 0; i < 7; ++i) {
        requests += get("/" + std::to_string(i));
    }
    client.send(requests);
    ASSERT_TRUE(kept.reaches(3));
    server.run([] {});
    EXPECT_EQ(kept.count(), 3U);
    for (std::size_t i = 0; i < 7; ++i) {
        ASSERT_TRUE(kept.reaches(i + 1));
        kept.answer(i);
        EXPECT_EQ(body_of(client.response()), "GET /" + std::to_string(i) + ' ');
    }
}

TEST(Connection, AnswersAClientThatClosedItsSide) {
    Kept kept;
    const Server server(kept.handler());
    Client client = server.connect();
    client.send(get("/one") + get("/two"));
    client.shut_down();
    ASSERT_TRUE(kept.reaches(2));
    kept.answer(0);
    kept.answer(1);
    const std::string all = client.rest();
    EXPECT_NE(all.find("GET /one "), std::string::npos);
    EXPECT_TRUE(all.ends_with("GET /two ")) << all;
    EXPECT_NE(all.find("connection: close"), std::string::npos);
    EXPECT_TRUE(server.reaches(0));
}

TEST(Connection, AnswersAClosedSideThroughAPipelineOfOne) {
    Kept kept;
    const Server server(kept.handler(),
                        [](ConnectionSettings& settings) { settings.pipeline = 1; });
    Client client = server.connect();
    client.send(get("/one"));
    client.shut_down();
    ASSERT_TRUE(kept.reaches(1));
    kept.answer(0);
    EXPECT_EQ(body_of(client.rest()), "GET /one ");
}

TEST(Connection, AnswersAClosedSideThatOfferedAnUpgrade) {
    const Server server(echo);
    Client client = server.connect();
    client.send(get("/one", "Connection: upgrade\r\nUpgrade: h2c\r\n"));
    client.shut_down();
    EXPECT_EQ(body_of(client.rest()), "GET /one ");
}

TEST(Connection, SendsTheWholeOfALargeAnswerToAClosedSide) {
    const std::string large(8 << 20, 'x');
    const Server server(
        [&](Request, Exchange exchange) { exchange.respond({.headers = {}, .body = large}); });
    Client client = server.connect(4096);
    client.send(get("/large"));
    ASSERT_EQ(client.read(1), "H");  // on its way, and stuck
    client.shut_down();
    EXPECT_EQ(body_of(client.rest()).size(), large.size());
}

TEST(Connection, ReadsNoMoreFromAClientThatDoesNotReadItsAnswers) {
    std::atomic<std::size_t> asked = 0;
    const std::string large(256 << 10, 'x');
    const Server server([&](Request, Exchange exchange) {
        ++asked;
        exchange.respond({.headers = {}, .body = large});
    });
    Client client = server.connect(4096);
    std::string requests;
    for (int i = 0; i < 5000; ++i) {
        requests += get("/");
    }
    client.send_until_blocked(requests, 300 * kMillisecond);
    // What the kernel holds, a pipeline in hand, and the bound of the queue.
    EXPECT_LT(asked, 64U + 64U);
    const std::size_t before = asked;
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(body_of(client.response()).size(), large.size());
    }
    EXPECT_GT(asked, before);
}

TEST(Connection, AsksForTheBodyThatWaits) {
    const Server server(echo);
    Client client = server.connect();
    client.send("POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    EXPECT_EQ(client.response(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body");
    EXPECT_EQ(body_of(client.response()), "POST /e body");
}

TEST(Connection, RefusesALargeBodyReadably) {
    const Server server(echo, [](ConnectionSettings& settings) { settings.http.body = 1000; });
    Client client = server.connect();
    client.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n");
    std::jthread sender([&] { client.send(std::string(4'000'000, 'x')); });
    const std::string all = client.rest();
    sender.join();
    EXPECT_EQ(status_of(all), "413") << all;
    EXPECT_TRUE(all.ends_with("}")) << all;
}

TEST(Connection, RefusesRubbishOnceAndCloses) {
    const Server server(echo);
    Client client = server.connect();
    client.send(get("/good") + "rubbish\r\n\r\n" + get("/never"));
    EXPECT_EQ(body_of(client.response()), "GET /good ");
    const std::string refused = client.rest();
    EXPECT_EQ(status_of(refused), "400");
    EXPECT_EQ(refused.find("never"), std::string::npos);
}

TEST(Connection, EndsASlowHead) {
    const Server server(
        echo, [](ConnectionSettings& settings) { settings.header_time = 150 * kMillisecond; });
    Client client = server.connect();
    client.send("GET /slow HTT");
    EXPECT_EQ(status_of(client.rest()), "408");
    Client silent = server.connect();
    EXPECT_EQ(silent.rest(), "");
}

/// Sends a byte now and then until the answer comes.
std::string trickle(Client& client) {
    std::jthread sender([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            client.send("x");
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    });
    return client.response();
}

TEST(Connection, EndsAHeadThatTricklesInOnALaterRequest) {
    const Server server(
        echo, [](ConnectionSettings& settings) { settings.header_time = 300 * kMillisecond; });
    Client client = server.connect();
    client.send(get("/first"));
    ASSERT_EQ(status_of(client.response()), "200");
    client.send("GET /");
    EXPECT_EQ(status_of(trickle(client)), "408");
}

TEST(Connection, EndsABodyThatTricklesIn) {
    const Server server(
        echo, [](ConnectionSettings& settings) { settings.body_time = 300 * kMillisecond; });
    Client client = server.connect();
    client.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n");
    EXPECT_EQ(status_of(trickle(client)), "408");
}

TEST(Connection, EndsAnIdleConnection) {
    const Server server(
        echo, [](ConnectionSettings& settings) { settings.idle_time = 100 * kMillisecond; });
    Client client = server.connect();
    client.send(get("/one"));
    EXPECT_EQ(status_of(client.response()), "200");
    EXPECT_EQ(client.rest(), "");
    EXPECT_TRUE(server.reaches(0));
}

TEST(Connection, AnswersForAHandlerThatDoesNot) {
    const Server server([](const Request&, const Exchange&) {});
    Client client = server.connect();
    client.send(get("/"));
    EXPECT_EQ(status_of(client.response()), "500");
}

TEST(Connection, DropsTheAnswerToAClientThatLeft) {
    Kept kept;
    const Server server(kept.handler());
    Client client = server.connect();
    client.send(get("/"));
    ASSERT_TRUE(kept.reaches(1));
    client.reset();
    EXPECT_TRUE(server.reaches(0));
    kept.answer(0);
    EXPECT_EQ(body_of([&] {
                  Client next = server.connect();
                  next.send(get("/next"));
                  EXPECT_TRUE(kept.reaches(2));
                  kept.answer(1);
                  return next.response();
              }()),
              "GET /next ");
}

TEST(Connection, DrainAnswersWhatIsInHandAndSaysSo) {
    Kept kept;
    Server server(kept.handler());
    Client busy = server.connect();
    Client idle = server.connect();
    ASSERT_TRUE(server.reaches(2));
    busy.send(get("/busy"));
    ASSERT_TRUE(kept.reaches(1));
    server.shards.front()->drain();
    EXPECT_EQ(idle.rest(), "");
    kept.answer(0);
    const std::string last = busy.rest();
    EXPECT_EQ(body_of(last), "GET /busy ");
    EXPECT_NE(last.find("connection: close"), std::string::npos) << last;
}

}  // namespace
}  // namespace belfry::net::test
