#include "tests/unit/broker_nats/node.hpp"

#include <algorithm>
#include <future>
#include <span>

namespace belfry::test {

namespace json = boost::json;
using sdk::str;
using sdk::view;

namespace {

template <class Wait>
void require(Wait wait, const std::string& what) {
    if (!wait()) {
        throw testkit::Failed("not in time: " + what);
    }
}

}  // namespace

Delivered copy_of(const bf_message& from) {
    Delivered to{std::string(view(from.destination)),
                 std::string(view(from.key)),
                 std::string(view(from.id)),
                 std::string(view(from.content_type)),
                 std::string(sdk::text_of(from.body)),
                 std::string(view(from.coordinates)),
                 {},
                 from.attempt,
                 from.token,
                 from.time};
    for (const bf_pair& header : std::span(from.headers, from.header_count)) {
        to.headers.emplace(view(header.name), view(header.value));
    }
    return to;
}

void Consumer::deliver(void* ctx, const bf_message* messages, std::uint64_t count) {
    auto& self = *static_cast<Consumer*>(ctx);
    for (const bf_message message : sdk::Array<bf_message>(messages, count)) {
        const Delivered one = copy_of(message);
        {
            const std::lock_guard lock(self.mutex_);
            self.delivered_.push_back(one);
            self.largest_batch_ = std::max(self.largest_batch_, count);
        }
        if (self.react) {
            self.react(one);
        }
    }
    const std::lock_guard lock(self.mutex_);
    self.changed_.notify_all();
}

std::vector<Delivered> Consumer::wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    const auto enough = [&] { return delivered_.size() >= count; };
    require([&] { return changed_.wait_for(lock, testkit::kPatience, enough); },
            std::to_string(count) + " deliveries, found " + std::to_string(delivered_.size()));
    return delivered_;
}

std::size_t Consumer::count() const {
    const std::lock_guard lock(mutex_);
    return delivered_.size();
}

std::uint64_t Consumer::largest_batch() const {
    const std::lock_guard lock(mutex_);
    return largest_batch_;
}

void Hearer::hear(void* ctx, std::uint32_t partition, bf_bytes message) {
    auto& self = *static_cast<Hearer*>(ctx);
    const std::lock_guard lock(self.mutex_);
    self.heard_.emplace_back(partition, sdk::text_of(message));
    self.changed_.notify_all();
}

std::vector<std::pair<std::uint32_t, std::string>> Hearer::wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    const auto enough = [&] { return heard_.size() >= count; };
    require([&] { return changed_.wait_for(lock, testkit::kPatience, enough); },
            std::to_string(count) + " bus messages");
    return heard_;
}

std::size_t Hearer::count() const {
    const std::lock_guard lock(mutex_);
    return heard_.size();
}

std::string node_config(const std::string& url, json::object more) {
    more.emplace("servers", json::array{url});
    more.emplace("connect_timeout", 2 * kSecond);
    more.emplace("request_timeout", 3 * kSecond);
    return json::serialize(more);
}

json::object declared(const std::string& stream, const std::string& durable,
                      const std::vector<std::string>& subjects) {
    return {{"stream", stream},
            {"durable", durable},
            {"subjects", json::value_from(subjects)},
            {"topology", "declare"},
            {"ack_wait", 2 * kSecond},
            {"retry",
             {{"limit", 3}, {"first", 50 * kMillisecond}, {"factor", 2}, {"longest", kSecond}}}};
}

Node::Node(testkit::Host& host, const std::string& url, json::object more, const std::string& name)
    : host_(host), instance_(testkit::Plugin::load(host, BELFRY_TEST_PLUGIN)
                                 .create(name, node_config(url, std::move(more)))) {
    instance_.start();
}

testkit::Pending<> Node::begin_publish(const Letter& letter) const {
    std::vector<bf_pair> headers;
    for (const auto& [name, value] : letter.headers) {
        headers.push_back({str(name), str(value)});
    }
    bf_message message{};
    message.size = sizeof message;
    message.destination = str(letter.destination);
    message.key = str(letter.key);
    message.id = str(letter.id);
    message.content_type = str(letter.content_type);
    message.body = sdk::bytes_of(std::string_view(letter.body));
    message.headers = headers.data();
    message.header_count = headers.size();
    auto pending = instance_.pending<>("publish");
    table().publish(instance_.handle(), &message, pending.done());
    return pending;
}

testkit::Outcome<> Node::publish(const Letter& letter) const {
    return begin_publish(letter).wait();
}

testkit::Outcome<> Node::consume(const std::string& source, const json::object& config,
                                 Consumer& consumer, std::uint64_t max_in_flight) const {
    const std::string text = json::serialize(config);
    const bf_source wire{sizeof wire,   0,         str(source),       str(text),
                         max_in_flight, &consumer, &Consumer::deliver};
    return testkit::await(instance_, "consume",
                          [&](bf_done done) { table().consume(instance_.handle(), &wire, done); });
}

testkit::Outcome<> Node::cancel(const std::string& source) const {
    return testkit::await(instance_, "cancel", [&](bf_done done) {
        table().cancel(instance_.handle(), str(source), done);
    });
}

void Node::settle(const std::string& source, std::uint64_t token, std::uint32_t outcome,
                  std::int64_t delay, std::string_view reason) const {
    const bf_settlement settlement{sizeof settlement, outcome, token, delay, str(reason)};
    table().settle(instance_.handle(), str(source), &settlement, 1);
}

void Node::pause(const std::string& source, bool paused) const {
    table().pause(instance_.handle(), str(source), paused ? 1 : 0);
}

testkit::Outcome<> Node::listen(const std::vector<std::uint32_t>& partitions,
                                Hearer& hearer) const {
    return testkit::await(instance_, "listen", [&](bf_done done) {
        table().listen(instance_.handle(), partitions.data(), partitions.size(), &hearer,
                       &Hearer::hear, done);
    });
}

void Node::broadcast(std::uint32_t partition, std::string_view message) const {
    table().broadcast(instance_.handle(), partition, sdk::bytes_of(message));
}

sdk::SourceStats Node::stats(const std::string& source) const {
    return testkit::await<sdk::SourceStats>(
               instance_, "source_stats",
               [&](bf_done done) { table().source_stats(instance_.handle(), str(source), done); })
        .value;
}

std::vector<Delivered> Node::dead_letters(const std::string& source, std::uint64_t limit) const {
    struct Answer {
        std::promise<std::vector<Delivered>> promise;
    } answer;
    const bf_done done{&answer, [](void* ctx, const bf_result* result, const void* value) {
                           std::vector<Delivered> letters;
                           if (result->status == BF_OK) {
                               const auto* found = static_cast<const bf_dead_letters*>(value);
                               for (const bf_message message :
                                    sdk::Array<bf_message>(found->messages, found->count)) {
                                   letters.push_back(copy_of(message));
                               }
                           }
                           static_cast<Answer*>(ctx)->promise.set_value(std::move(letters));
                       }};
    auto future = answer.promise.get_future();
    table().dead_letters(instance_.handle(), str(source), limit, done);
    return future.get();
}

testkit::Outcome<sdk::Replayed> Node::replay(const std::string& source, std::uint64_t limit,
                                             std::int64_t before) const {
    return testkit::await<sdk::Replayed>(instance_, "replay", [&](bf_done done) {
        table().replay(instance_.handle(), str(source), limit, before, done);
    });
}

std::string Node::wait_for_health(sdk::Health state) const {
    testkit::eventually("another health",
                        [&] { return host_.health(instance_.name()).state == state; });
    return host_.health(instance_.name()).reason;
}

void NatsTest::SetUp() {
    if (!has_nats()) {
        GTEST_SKIP() << "no nats-server";
    }
    server.emplace();
    client.emplace(server->url());
}

void NatsTest::TearDown() {
    EXPECT_EQ(host.violations(), std::vector<std::string>{});
    client.reset();
    server.reset();
}

}  // namespace belfry::test
