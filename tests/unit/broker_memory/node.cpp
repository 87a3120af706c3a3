#include "tests/unit/broker_memory/node.hpp"

#include <future>
#include <span>

namespace belfry::test {
namespace {

using sdk::str;
using sdk::view;

Delivered copy(const bf_message& from) {
    Delivered to{std::string(view(from.destination)),
                 std::string(view(from.key)),
                 std::string(view(from.id)),
                 std::string(view(from.content_type)),
                 std::string(sdk::text_of(from.body)),
                 std::string(view(from.coordinates)),
                 {},
                 from.attempt,
                 from.token};
    for (const bf_pair& header : std::span(from.headers, from.header_count)) {
        to.headers.emplace(view(header.name), view(header.value));
    }
    return to;
}

template <class Wait>
void require(Wait wait, const std::string& what) {
    if (!wait()) {
        throw testkit::Failed("not in time: " + what);
    }
}

}  // namespace

void Consumer::deliver(void* ctx, const bf_message* messages, std::uint64_t count) {
    auto& self = *static_cast<Consumer*>(ctx);
    {
        const std::lock_guard lock(self.mutex_);
        self.overlapped_ = self.overlapped_ || ++self.inside_ > 1;
    }
    for (const bf_message message : sdk::Array<bf_message>(messages, count)) {
        const Delivered one = copy(message);
        {
            const std::lock_guard lock(self.mutex_);
            self.delivered_.push_back(one);
        }
        if (self.react) {
            self.react(one);
        }
    }
    const std::lock_guard lock(self.mutex_);
    --self.inside_;
    self.changed_.notify_all();
}

std::vector<Delivered> Consumer::wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    const auto enough = [&] { return delivered_.size() >= count; };
    require([&] { return changed_.wait_for(lock, testkit::kPatience, enough); },
            std::to_string(count) + " deliveries");
    return delivered_;
}

std::vector<std::string> Consumer::bodies(std::size_t count) {
    std::vector<std::string> bodies;
    for (const auto& one : wait(count)) {
        bodies.push_back(one.body);
    }
    return bodies;
}

std::size_t Consumer::count() const {
    const std::lock_guard lock(mutex_);
    return delivered_.size();
}

bool Consumer::overlapped() const {
    const std::lock_guard lock(mutex_);
    return overlapped_;
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

std::string config(std::string_view group, std::uint64_t max_messages, std::uint64_t max_bytes) {
    return R"({"group":")" + std::string(group) + R"(","max_messages":)" +
           std::to_string(max_messages) + R"(,"max_bytes":)" + std::to_string(max_bytes) + "}";
}

Node::Node(testkit::Host& host, std::string name, const std::string& configuration)
    : instance_(
          testkit::Plugin::load(host, BELFRY_TEST_PLUGIN).create(std::move(name), configuration)) {
    instance_.start();
}

testkit::Outcome<> Node::publish(std::string_view destination, std::string_view body,
                                 std::string_view key) const {
    const bf_pair header{str("x-test"), str("yes")};
    bf_message message{};
    message.size = sizeof message;
    message.destination = str(destination);
    message.key = str(key);
    const std::string id = "id-of-" + std::string(body);
    message.id = str(id);
    message.content_type = str("text/plain");
    message.body = sdk::bytes_of(body);
    message.headers = &header;
    message.header_count = 1;
    return testkit::await(instance_, "publish", [&](bf_done done) {
        table().publish(instance_.handle(), &message, done);
    });
}

testkit::Outcome<> Node::consume(std::string_view source, std::string_view destination,
                                 Consumer& consumer, std::uint64_t max_in_flight) const {
    return consume_with(source, R"({"destination":")" + std::string(destination) + R"("})",
                        consumer, max_in_flight);
}

testkit::Outcome<> Node::consume_with(std::string_view source, std::string_view json,
                                      Consumer& consumer, std::uint64_t max_in_flight) const {
    const bf_source wire{
        sizeof wire, 0, str(source), str(json), max_in_flight, consumer.ctx(), &Consumer::deliver};
    return testkit::await(instance_, "consume",
                          [&](bf_done done) { table().consume(instance_.handle(), &wire, done); });
}

testkit::Outcome<> Node::cancel(std::string_view source) const {
    return testkit::await(instance_, "cancel", [&](bf_done done) {
        table().cancel(instance_.handle(), str(source), done);
    });
}

void Node::settle(std::string_view source, std::uint64_t token, std::uint32_t outcome,
                  std::int64_t delay, std::string_view reason) const {
    const bf_settlement settlement{sizeof settlement, outcome, token, delay, str(reason)};
    table().settle(instance_.handle(), str(source), &settlement, 1);
}

void Node::pause(std::string_view source, bool paused) const {
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

sdk::SourceStats Node::stats(std::string_view source) const {
    return testkit::await<sdk::SourceStats>(
               instance_, "source_stats",
               [&](bf_done done) { table().source_stats(instance_.handle(), str(source), done); })
        .value;
}

testkit::Outcome<std::vector<testkit::Message>> Node::dead_letters(std::string_view source,
                                                                   std::uint64_t limit) const {
    return testkit::await<std::vector<testkit::Message>>(
        instance_, "dead_letters",
        [&](bf_done done) { table().dead_letters(instance_.handle(), str(source), limit, done); });
}

testkit::Outcome<sdk::Replayed> Node::replay(std::string_view source, std::uint64_t limit,
                                             std::int64_t before) const {
    return testkit::await<sdk::Replayed>(instance_, "replay", [&](bf_done done) {
        table().replay(instance_.handle(), str(source), limit, before, done);
    });
}

void Node::settle_down() const {
    // A task posted by a task is behind it: the second round is behind all the first one woke.
    for (int round = 0; round < 3; ++round) {
        std::promise<void> reached;
        instance_.seat().executor().post([&reached] { reached.set_value(); });
        reached.get_future().wait();
    }
}

}  // namespace belfry::test
