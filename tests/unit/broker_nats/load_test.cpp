// Many messages, and a server that is killed meanwhile: exactly the confirmed ones come through.
#include "tests/unit/broker_nats/node.hpp"

#include <atomic>
#include <deque>
#include <set>
#include <thread>
#include <utility>

namespace belfry::test {
namespace {

constexpr int kMessages = 100'000;
constexpr std::size_t kOutstanding = 2'000;

/// Publishes 0 ... kMessages - 1, each until it is confirmed.
class Flood {
public:
    explicit Flood(const Node& node) : node_(node) {}

    void run() {
        for (int number = 0; number < kMessages; ++number) {
            send(number);
            while (outstanding_.size() >= kOutstanding) {
                take_one();
            }
            sent_ = number + 1;
        }
        while (!outstanding_.empty()) {
            take_one();
        }
    }

    [[nodiscard]] int sent() const { return sent_; }

private:
    void send(int number) {
        const auto text = std::to_string(number);
        outstanding_.emplace_back(number, node_.begin_publish({"s", text, text}));
    }
    void take_one() {
        auto [number, pending] = std::move(outstanding_.front());
        outstanding_.pop_front();
        const auto outcome = pending.wait();
        if (!outcome.ok()) {
            if (outcome.status == sdk::Status::unavailable) {
                std::this_thread::yield();
            }
            send(number);
        }
    }

    const Node& node_;
    std::deque<std::pair<int, testkit::Pending<>>> outstanding_;
    std::atomic<int> sent_ = 0;
};

TEST_F(NatsTest, LoadComesThroughRestarts) {
    Consumer consumer;
    Node node(host, server->url());
    std::mutex mutex;
    std::set<std::string> seen;
    consumer.react = [&](const Delivered& one) {
        {
            const std::lock_guard lock(mutex);
            seen.insert(one.body);
        }
        node.settle("in", one.token);
    };
    ASSERT_TRUE(node.consume("in", declared("S", "r", {"s"}), consumer, 2'000).ok());
    Flood flood(node);
    std::thread publisher([&] { flood.run(); });
    for (const int at : {20'000, 50'000, 80'000}) {
        testkit::eventually(
            "some are sent", [&] { return flood.sent() >= at; }, std::chrono::seconds(60));
        server->kill();
        server->start();
    }
    publisher.join();
    testkit::eventually(
        "all have come",
        [&] {
            const std::lock_guard lock(mutex);
            return seen.size() == kMessages;
        },
        std::chrono::seconds(60));
    client.emplace(server->url());
    testkit::eventually("all are settled", [&] { return client->open("S", "r") == 0; });
    EXPECT_EQ(node.stats("in").dead, 0U);
    EXPECT_GE(host.metric("nats", "nats_reconnects_total"), 3);
}

}  // namespace
}  // namespace belfry::test
