#include "tests/unit/broker_kafka/node.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>

namespace belfry::test {

namespace json = boost::json;
using sdk::str;

void Consumer::deliver(void* ctx, const bf_message* messages, std::uint64_t count) {
    auto& self = *static_cast<Consumer*>(ctx);
    for (const bf_message message : sdk::Array<bf_message>(messages, count)) {
        const Message one(message);
        {
            const std::lock_guard lock(self.mutex_);
            self.delivered_.push_back(one);
            self.changed_.notify_all();
        }
        if (self.react) {
            self.react(one);
        }
    }
}

std::vector<Message> Consumer::wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kLong, [&] { return delivered_.size() >= count; })) {
        throw testkit::Failed("expected " + std::to_string(count) + " deliveries, found " +
                              std::to_string(delivered_.size()));
    }
    return delivered_;
}

std::size_t Consumer::count() const {
    const std::lock_guard lock(mutex_);
    return delivered_.size();
}

std::multiset<std::string> Consumer::bodies() const {
    const std::lock_guard lock(mutex_);
    std::multiset<std::string> bodies;
    for (const auto& one : delivered_) {
        bodies.insert(one.body);
    }
    return bodies;
}

Node::Node(testkit::Host& host, const std::string& brokers, const std::string& name,
           json::object more)
    : instance_(testkit::Plugin::load(host, BELFRY_TEST_PLUGIN)
                    .create(name, node_config(brokers, std::move(more)))) {
    instance_.start();
}

testkit::Outcome<> Node::publish(const Out& out) const {
    std::vector<bf_pair> headers;
    for (const auto& [name, value] : out.headers) {
        headers.push_back({str(name), str(value)});
    }
    bf_message message{};
    message.size = sizeof message;
    message.destination = str(out.topic);
    message.key = str(out.key);
    message.body = sdk::bytes_of(std::string_view(out.body));
    message.headers = headers.data();
    message.header_count = headers.size();
    return testkit::await(
        instance_, "publish",
        [&](bf_done done) { table().publish(instance_.handle(), &message, done); }, kLong);
}

testkit::Outcome<> Node::consume(const std::string& source, const json::object& config,
                                 Consumer& consumer, std::uint64_t max_in_flight) const {
    const std::string text = json::serialize(config);
    const bf_source wire{sizeof wire,   0,         str(source),       str(text),
                         max_in_flight, &consumer, &Consumer::deliver};
    return testkit::await(
        instance_, "consume",
        [&](bf_done done) { table().consume(instance_.handle(), &wire, done); }, kLong);
}

void Node::settle(const std::string& source, const Message& message, std::uint32_t outcome,
                  std::int64_t delay, std::string_view reason) const {
    const bf_settlement settlement{sizeof settlement, outcome, message.token, delay, str(reason)};
    table().settle(instance_.handle(), str(source), &settlement, 1);
}

void Node::pause(const std::string& source, bool paused) const {
    table().pause(instance_.handle(), str(source), paused ? 1 : 0);
}

sdk::SourceStats Node::stats(const std::string& source) const {
    return testkit::await<sdk::SourceStats>(
               instance_, "source_stats",
               [&](bf_done done) { table().source_stats(instance_.handle(), str(source), done); },
               kLong)
        .value;
}

std::vector<Message> Node::dead_letters(const std::string& source) const {
    return testkit::await<std::vector<Message>>(
               instance_, "dead_letters",
               [&](bf_done done) {
                   table().dead_letters(instance_.handle(), str(source), 100, done);
               },
               kLong)
        .value;
}

std::uint64_t Node::replay(const std::string& source) const {
    return testkit::await<sdk::Replayed>(
               instance_, "replay",
               [&](bf_done done) {
                   table().replay(instance_.handle(), str(source), 100, INT64_MAX, done);
               },
               kLong)
        .value.count;
}

std::string Node::wait_for_health(sdk::Health state) const {
    std::string reason;
    testkit::eventually(
        "health " + std::to_string(static_cast<std::uint32_t>(state)),
        [&] {
            const auto report = instance_.host().health(instance_.name());
            reason = report.reason;
            return report.state == state;
        },
        kLong);
    return reason;
}

std::string new_name() {
    static std::atomic<int> last = 0;
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    return "t" + std::to_string(::getpid()) + "." + std::to_string(now % 1'000'000'007) + "." +
           std::to_string(++last);
}

json::object declared(const std::string& topic, int partitions) {
    return {
        {"topics", json::array{json::value(topic)}},
        {"group", topic + ".readers"},
        {"topology", "declare"},
        {"partitions", partitions},
        {"retry", {{"limit", 3}, {"first", 20 * kMilli}, {"factor", 1}, {"longest", 20 * kMilli}}}};
}

std::string node_config(const std::string& brokers, json::object more) {
    more.emplace("brokers", json::array{json::value(brokers)});
    return json::serialize(more);
}

void KafkaTest::SetUp() {
    if (server_.brokers().empty()) {
        GTEST_SKIP() << "no Apache Kafka; see tests/support/kafka/server";
    }
}

void KafkaTest::TearDown() { EXPECT_EQ(host.violations(), std::vector<std::string>{}); }

void KafkaTest::settle_all(Consumer& consumer, const Node& node, const std::string& source) {
    consumer.react = [&node, source](const Message& message) { node.settle(source, message); };
}

}  // namespace belfry::test
