#include "sdk/testkit/conformance/broker/source.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace belfry::conformance::broker {

using sdk::str;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

std::string config_of(const Place& place, const Retries& retries) {
    auto config = place.source;
    config["retry"] = {{"limit", retries.limit},
                       {"first", nanoseconds(retries.first).count()},
                       {"factor", retries.factor},
                       {"longest", nanoseconds(retries.longest).count()}};
    return boost::json::serialize(config);
}

Source::Source(Node& node, const Place& place, Wanted wanted, milliseconds patience)
    : node_(node), wanted_(std::move(wanted)), config_(config_of(place, wanted_.retries)),
      patience_(patience) {}

Outcome<> Source::try_consume() {
    const bf_source wire{sizeof wire,           0,    str(wanted_.name), str(config_),
                         wanted_.max_in_flight, this, &Source::deliver};
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = false;
    }
    const Call<> call(node_.instance, "consume");
    node_.table.consume(node_.instance.handle(), &wire, call.done());
    return call.wait();
}

void Source::consume() {
    const auto outcome = try_consume();
    if (!outcome.ok()) {
        throw testkit::Failed("consume of " + config_ + ": status " +
                              std::to_string(static_cast<std::uint32_t>(outcome.status)) + ", " +
                              outcome.message);
    }
}

void Source::cancel() {
    const auto outcome = node_.cancel(wanted_.name);
    if (!outcome.ok()) {
        throw testkit::Failed("cancel: " + outcome.message);
    }
    close();
}

void Source::close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
}

void Source::violate(const std::string& what) {
    node_.instance.host().violation_list().add("deliver of " + wanted_.name + ": " + what);
}

void Source::enter(std::uint64_t count) {
    const std::lock_guard lock(mutex_);
    if (is_closed_) {
        violate("called after the cancel or stop");
    }
    if (++inside_ > 1) {
        violate("called while it was running");
    }
    if (count == 0) {
        violate("called without a message");
    }
}

void Source::deliver(void* ctx, const bf_message* messages, std::uint64_t count) {
    auto& self = *static_cast<Source*>(ctx);
    self.enter(count);
    if (const auto fault = fault_of(messages, count); !fault.empty()) {
        self.violate(fault);
    } else {
        std::vector<Delivery> batch;
        batch.reserve(count);
        for (const bf_message message : sdk::Array<bf_message>(messages, count)) {
            self.take(batch.emplace_back(message));
        }
        for (const Delivery& one : batch) {
            if (const auto react = self.reaction_to(one)) {
                react(one);
            }
        }
    }
    const std::lock_guard lock(self.mutex_);
    --self.inside_;
    self.changed_.notify_all();
}

void Source::take(const Delivery& one) {
    if (!node_.is_new(one.token)) {
        violate("token " + std::to_string(one.token) + " was given before");
    }
    const std::lock_guard lock(mutex_);
    in_flight_.insert(one.token);
    if (counts_ && in_flight_.size() > wanted_.max_in_flight) {
        violate(std::to_string(in_flight_.size()) + " in flight, of at most " +
                std::to_string(wanted_.max_in_flight));
    }
    waiting_[one.token] = deliveries_.size();
    by_body_[one.body].push_back(deliveries_.size());
    deliveries_.push_back(one);
    changed_.notify_all();
}

Source::React Source::reaction_to(const Delivery& one) {
    const std::lock_guard lock(mutex_);
    return react_ && waiting_.erase(one.token) != 0 ? react_ : React();
}

void Source::on_each(const React& react) {
    std::vector<Delivery> waiting;
    {
        const std::lock_guard lock(mutex_);
        react_ = react;
        for (const auto& [token, at] : std::exchange(waiting_, {})) {
            waiting.push_back(deliveries_.at(at));
        }
    }
    for (const Delivery& one : waiting) {
        react(one);
    }
}

void Source::settle(const Message& message, std::uint32_t outcome, nanoseconds delay,
                    std::string_view reason) {
    {
        // First: the next one may be delivered from inside.
        const std::lock_guard lock(mutex_);
        in_flight_.erase(message.token);
        waiting_.erase(message.token);
    }
    node_.settle(wanted_.name, message.token, outcome, delay.count(), reason);
}

void Source::lose_count() {
    const std::lock_guard lock(mutex_);
    counts_ = false;
}

void Source::wait_until(const std::string& what, const std::function<bool()>& is_so) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience_, is_so)) {
        throw testkit::Failed("not in time: " + what + "; there were " +
                              std::to_string(deliveries_.size()) + " deliveries");
    }
}

std::vector<Delivery> Source::wait(std::size_t count) {
    wait_until(std::to_string(count) + " deliveries", [&] { return deliveries_.size() >= count; });
    const std::lock_guard lock(mutex_);
    return {deliveries_.begin(), deliveries_.begin() + static_cast<std::ptrdiff_t>(count)};
}

Delivery Source::wait_for(const std::string& body, std::size_t nth) {
    wait_until("delivery " + std::to_string(nth) + " of " + body.substr(0, 40),
               [&] { return by_body_[body].size() >= nth; });
    const std::lock_guard lock(mutex_);
    return deliveries_.at(by_body_.at(body).at(nth - 1));
}

void Source::wait_for_all(const std::vector<std::string>& bodies) {
    for (const auto& body : bodies) {
        (void)wait_for(body);
    }
}

std::vector<Delivery> Source::all() const {
    const std::lock_guard lock(mutex_);
    return deliveries_;
}

std::size_t Source::count() const {
    const std::lock_guard lock(mutex_);
    return deliveries_.size();
}

std::size_t Source::count_of(const std::string& body) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_body_.find(body);
    return found == by_body_.end() ? 0 : found->second.size();
}

std::vector<std::string> Source::bodies() const {
    std::vector<std::string> bodies;
    for (const auto& one : all()) {
        bodies.push_back(one.body);
    }
    return bodies;
}

std::size_t Source::in_flight() const {
    const std::lock_guard lock(mutex_);
    return in_flight_.size();
}

sdk::SourceStats Source::stats() {
    auto outcome = node_.stats(wanted_.name);
    if (!outcome.ok()) {
        throw testkit::Failed("source_stats: " + outcome.message);
    }
    return outcome.value;
}

void Source::wait_for_stats(const std::string& what,
                            const std::function<bool(const sdk::SourceStats&)>& is_so) {
    testkit::eventually(what, [&] { return is_so(stats()); }, patience_);
}

std::vector<Message> Source::dead_letters(std::uint64_t limit) {
    auto outcome = node_.dead_letters(wanted_.name, limit);
    if (!outcome.ok()) {
        throw testkit::Failed("dead_letters: " + outcome.message);
    }
    return std::move(outcome.value);
}

std::vector<Message> Source::wait_for_dead(std::size_t count) {
    std::vector<Message> letters;
    testkit::eventually(
        std::to_string(count) + " dead letters",
        [&] {
            letters = dead_letters();
            return letters.size() >= count;
        },
        patience_);
    return letters;
}

std::uint64_t Source::replay(std::uint64_t limit, std::int64_t before) {
    const auto outcome = node_.replay(wanted_.name, limit, before);
    if (!outcome.ok()) {
        throw testkit::Failed("replay: " + outcome.message);
    }
    return outcome.value.count;
}

}  // namespace belfry::conformance::broker
