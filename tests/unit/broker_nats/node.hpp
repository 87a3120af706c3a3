/// An instance of the plugin and its consumers, against a server of the test's own.
#pragma once

#include "tests/support/nats.hpp"

#include <belfry/testkit/host.hpp>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::test {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000 * kMillisecond;

struct Delivered {
    std::string destination, key, id, content_type, body, coordinates;
    std::multimap<std::string, std::string> headers;
    std::uint64_t attempt = 0;
    std::uint64_t token = 0;
    std::int64_t time = 0;
};

[[nodiscard]] Delivered copy_of(const bf_message& message);

/// Takes what a source delivers. Must outlive the source. Any thread.
class Consumer {
public:
    static void deliver(void* ctx, const bf_message* messages, std::uint64_t count);

    /// Called for each message, on the delivering thread; set before consuming.
    std::function<void(const Delivered&)> react;

    /// All delivered so far, once they are at least `count`; throws testkit::Failed in time.
    std::vector<Delivered> wait(std::size_t count);
    [[nodiscard]] std::size_t count() const;
    /// The most in one deliver call.
    [[nodiscard]] std::uint64_t largest_batch() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Delivered> delivered_;
    std::uint64_t largest_batch_ = 0;
};

/// Hears the bus.
class Hearer {
public:
    static void hear(void* ctx, std::uint32_t partition, bf_bytes message);
    std::vector<std::pair<std::uint32_t, std::string>> wait(std::size_t count);
    [[nodiscard]] std::size_t count() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::pair<std::uint32_t, std::string>> heard_;
};

/// What a test says of a message; the rest is empty.
struct Letter {
    std::string destination;
    std::string body;
    std::string id = {};
    std::string key = {};
    std::string content_type = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
};

/// A started instance.
class Node {
public:
    Node(testkit::Host& host, const std::string& url, boost::json::object more = {},
         const std::string& name = "nats");

    [[nodiscard]] testkit::Pending<> begin_publish(const Letter& letter) const;
    [[nodiscard]] testkit::Outcome<> publish(const Letter& letter) const;
    [[nodiscard]] testkit::Outcome<> consume(const std::string& source,
                                             const boost::json::object& config, Consumer& consumer,
                                             std::uint64_t max_in_flight = 100) const;
    [[nodiscard]] testkit::Outcome<> cancel(const std::string& source) const;
    void settle(const std::string& source, std::uint64_t token,
                std::uint32_t outcome = BF_SETTLED_OK, std::int64_t delay = 0,
                std::string_view reason = {}) const;
    void pause(const std::string& source, bool paused) const;
    [[nodiscard]] testkit::Outcome<> listen(const std::vector<std::uint32_t>& partitions,
                                            Hearer& hearer) const;
    void broadcast(std::uint32_t partition, std::string_view message) const;
    [[nodiscard]] sdk::SourceStats stats(const std::string& source) const;
    [[nodiscard]] std::vector<Delivered> dead_letters(const std::string& source,
                                                      std::uint64_t limit = 100) const;
    [[nodiscard]] testkit::Outcome<sdk::Replayed> replay(const std::string& source,
                                                         std::uint64_t limit = 100,
                                                         std::int64_t before = INT64_MAX) const;
    /// Waits until the health is this one -> its reason.
    std::string wait_for_health(sdk::Health state) const;

    [[nodiscard]] testkit::Instance& instance() { return instance_; }

private:
    [[nodiscard]] const bf_broker& table() const { return instance_.table<bf_broker>(); }

    testkit::Host& host_;
    testkit::Instance instance_;
};

/// {"servers": [url], ...} as the plugin gets it.
[[nodiscard]] std::string node_config(const std::string& url, boost::json::object more = {});

/// Of a source that declares stream and consumer: short times, so that tests need not wait.
[[nodiscard]] boost::json::object declared(const std::string& stream, const std::string& durable,
                                           const std::vector<std::string>& subjects);

/// A server and a client of it; skips the test where there is no nats-server.
class NatsTest : public testing::Test {
protected:
    void SetUp() override;
    /// The host's rules were kept.
    void TearDown() override;

    testkit::Host host;
    std::optional<NatsServer> server;
    std::optional<NatsClient> client;
};

}  // namespace belfry::test
