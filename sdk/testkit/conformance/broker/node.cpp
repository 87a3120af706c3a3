#include "sdk/testkit/conformance/broker/node.hpp"

#include <algorithm>

namespace belfry::conformance::broker {

using sdk::str;

void Ear::hear(void* ctx, std::uint32_t partition, bf_bytes message) {
    auto& self = *static_cast<Ear*>(ctx);
    const std::lock_guard lock(self.mutex_);
    if (self.is_closed_) {
        self.host_.violation_list().add("hear: called where nobody listens any more");
    }
    self.heard_.push_back({partition, std::string(sdk::text_of(message))});
}

std::vector<Heard> Ear::all() const {
    const std::lock_guard lock(mutex_);
    return heard_;
}

bool Ear::has(const Heard& one) const {
    const std::lock_guard lock(mutex_);
    return std::find(heard_.begin(), heard_.end(), one) != heard_.end();
}

void Ear::close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
}

Node::Node(const testkit::Plugin& plugin, std::string name, const std::string& config)
    : instance(plugin.create(std::move(name), config)), table(instance.table<bf_broker>()) {
    instance.start();
}

Call<> Node::begin_publish(const Place& place, const Out& out) {
    std::vector<bf_pair> headers;
    headers.reserve(out.headers.size());
    for (const auto& [name, value] : out.headers) {
        headers.push_back({str(name), str(value)});
    }
    bf_message message{};
    message.size = sizeof message;
    message.destination = str(place.destination);
    message.exchange = str(place.exchange);
    message.key = str(out.key);
    message.id = str(out.id);
    message.content_type = str(out.content_type);
    message.body = sdk::bytes_of(out.body);
    message.headers = headers.data();
    message.header_count = headers.size();
    Call<> call(instance, "publish");
    table.publish(instance.handle(), &message, call.done());
    return call;
}

Outcome<> Node::publish(const Place& place, const Out& out) {
    return begin_publish(place, out).wait();
}

Outcome<> Node::cancel(std::string_view source) {
    const Call<> call(instance, "cancel");
    table.cancel(instance.handle(), str(source), call.done());
    return call.wait();
}

Outcome<sdk::SourceStats> Node::stats(std::string_view source) {
    const Call<sdk::SourceStats> call(instance, "source_stats");
    table.source_stats(instance.handle(), str(source), call.done());
    return call.wait();
}

Outcome<std::vector<Message>> Node::dead_letters(std::string_view source, std::uint64_t limit) {
    const Call<std::vector<Message>> call(instance, "dead_letters");
    table.dead_letters(instance.handle(), str(source), limit, call.done());
    return call.wait();
}

Outcome<sdk::Replayed> Node::replay(std::string_view source, std::uint64_t limit,
                                    std::int64_t before) {
    const Call<sdk::Replayed> call(instance, "replay");
    table.replay(instance.handle(), str(source), limit, before, call.done());
    return call.wait();
}

void Node::settle(std::string_view source, std::uint64_t token, std::uint32_t outcome,
                  std::int64_t delay, std::string_view reason) {
    const bf_settlement settlement{sizeof settlement, outcome, token, delay, str(reason)};
    table.settle(instance.handle(), str(source), &settlement, 1);
}

void Node::pause(std::string_view source, bool paused) {
    table.pause(instance.handle(), str(source), paused ? 1 : 0);
}

Outcome<> Node::listen(const std::vector<std::uint32_t>& partitions, Ear& ear) {
    const Call<> call(instance, "listen");
    table.listen(instance.handle(), partitions.data(), partitions.size(), &ear, &Ear::hear,
                 call.done());
    return call.wait();
}

void Node::broadcast(std::uint32_t partition, std::string_view message) {
    table.broadcast(instance.handle(), partition, sdk::bytes_of(message));
}

bool Node::is_new(std::uint64_t token) {
    const std::lock_guard lock(mutex_);
    return tokens_.insert(token).second;
}

}  // namespace belfry::conformance::broker
