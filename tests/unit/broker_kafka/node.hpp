/// An instance of the plugin, and what it delivers.
#pragma once

#include "tests/unit/broker_kafka/admin.hpp"

#include <belfry/testkit/host.hpp>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::test {

constexpr std::int64_t kMilli = 1'000'000;
constexpr std::int64_t kSecond = 1'000 * kMilli;
/// Groups and servers take their time, the more so on a busy machine.
constexpr std::chrono::milliseconds kLong{90'000};

using testkit::Message;

/// Takes what a source delivers; must outlive the source. Any thread.
class Consumer {
public:
    static void deliver(void* ctx, const bf_message* messages, std::uint64_t count);

    /// Called for each message, on the delivering thread; set before consuming.
    std::function<void(const Message&)> react;

    /// All delivered so far, once they are at least `count`; throws testkit::Failed in time.
    std::vector<Message> wait(std::size_t count);
    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] std::multiset<std::string> bodies() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Message> delivered_;
};

struct Out {
    std::string topic;
    std::string body;
    std::string key = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
};

class Node {
public:
    /// Creates and starts it.
    Node(testkit::Host& host, const std::string& brokers, const std::string& name = "kafka",
         boost::json::object more = {});

    [[nodiscard]] testkit::Outcome<> publish(const Out& out) const;
    [[nodiscard]] testkit::Outcome<> consume(const std::string& source,
                                             const boost::json::object& config, Consumer& consumer,
                                             std::uint64_t max_in_flight = 100) const;
    void settle(const std::string& source, const Message& message,
                std::uint32_t outcome = BF_SETTLED_OK, std::int64_t delay = 0,
                std::string_view reason = {}) const;
    void pause(const std::string& source, bool paused) const;
    [[nodiscard]] sdk::SourceStats stats(const std::string& source) const;
    [[nodiscard]] std::vector<Message> dead_letters(const std::string& source) const;
    [[nodiscard]] std::uint64_t replay(const std::string& source) const;
    /// Waits until the health is this one -> its reason.
    [[nodiscard]] std::string wait_for_health(sdk::Health state) const;
    void stop() { instance_.stop(); }

private:
    [[nodiscard]] const bf_broker& table() const { return instance_.table<bf_broker>(); }

    testkit::Instance instance_;
};

/// A name nobody has used.
[[nodiscard]] std::string new_name();
/// Of a source on this topic that declares what it needs, with one partition and short delays.
[[nodiscard]] boost::json::object declared(const std::string& topic, int partitions = 1);
/// A configuration of an instance as the plugin gets it.
[[nodiscard]] std::string node_config(const std::string& brokers, boost::json::object more = {});

/// Skips the test where there is no server.
class KafkaTest : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    /// Settles everything with ok.
    static void settle_all(Consumer& consumer, const Node& node, const std::string& source);
    [[nodiscard]] const KafkaServer& server() const { return server_; }
    [[nodiscard]] KafkaAdmin admin() const { return KafkaAdmin(server_.brokers()); }

    testkit::Host host;
    const std::string topic = new_name();
    const std::string group = topic + ".readers";

private:
    KafkaServer server_ = KafkaServer::shared();
};

}  // namespace belfry::test
