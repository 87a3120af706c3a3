/// One consumption: what it delivers, and the rules it has to keep.
#pragma once

#include "sdk/testkit/conformance/broker/node.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace belfry::conformance::broker {

using Clock = std::chrono::steady_clock;

struct Delivery : Message {
    explicit Delivery(const bf_message& from) : Message(from) {}
    Clock::time_point at = Clock::now();
};

/// How often and when a message whose handling failed comes again.
struct Retries {
    std::uint64_t limit = 5;
    std::chrono::milliseconds first{50};
    double factor = 1;
    std::chrono::milliseconds longest{60'000};
};

struct Wanted {
    std::string name = "in";
    std::uint64_t max_in_flight = 100;
    Retries retries = {};
};

/// Any thread; must outlive the node. Where a delivery breaks a rule, it is added to the host's
/// violations: two at a time, more in flight than agreed, a token that was there before, one after
/// the cancel, a value without its members.
class Source {
public:
    Source(Node& node, const Place& place, Wanted wanted, std::chrono::milliseconds patience);

    Outcome<> try_consume();
    /// Throws testkit::Failed unless it stands.
    void consume();
    void cancel();
    /// From now on, nothing may be delivered.
    void close();

    void ok(const Message& message) { settle(message, BF_SETTLED_OK); }
    void retry(const Message& message, std::chrono::nanoseconds delay = {},
               std::string_view reason = {}) {
        settle(message, BF_SETTLED_RETRY, delay, reason);
    }
    void dead(const Message& message, std::string_view reason) {
        settle(message, BF_SETTLED_DEAD, {}, reason);
    }
    void pause(bool paused) { node_.pause(wanted_.name, paused); }
    /// The connection is being cut: the broker may deliver again what is in flight.
    void lose_count();

    using React = std::function<void(const Delivery&)>;
    /// Called once for each message that is in flight now, and on the delivering thread for each
    /// that comes, after it is counted.
    void on_each(const React& react);
    /// From now on everything is settled with ok.
    void settle_all() {
        on_each([this](const Delivery& one) { ok(one); });
    }

    /// The first `count` deliveries; throws testkit::Failed where they do not come.
    std::vector<Delivery> wait(std::size_t count);
    /// The `nth` delivery, from 1, of the message with this body.
    Delivery wait_for(const std::string& body, std::size_t nth = 1);
    /// Each of them was delivered at least once.
    void wait_for_all(const std::vector<std::string>& bodies);
    [[nodiscard]] std::vector<Delivery> all() const;
    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] std::size_t count_of(const std::string& body) const;
    /// In the order of their deliveries.
    [[nodiscard]] std::vector<std::string> bodies() const;
    [[nodiscard]] std::size_t in_flight() const;

    sdk::SourceStats stats();
    /// Waits until the statistics are so; throws testkit::Failed naming `what`.
    void wait_for_stats(const std::string& what,
                        const std::function<bool(const sdk::SourceStats&)>& is_so);
    std::vector<Message> dead_letters(std::uint64_t limit = 1000);
    /// Waits until there are so many, where the broker needs a moment to show them.
    std::vector<Message> wait_for_dead(std::size_t count);
    std::uint64_t replay(std::uint64_t limit, std::int64_t before = INT64_MAX);

    [[nodiscard]] const std::string& name() const { return wanted_.name; }
    [[nodiscard]] const std::string& config() const { return config_; }
    [[nodiscard]] Node& node() { return node_; }

private:
    static void deliver(void* ctx, const bf_message* messages, std::uint64_t count);
    void enter(std::uint64_t count);
    void take(const Delivery& one);
    /// Nothing where it was reacted to already, or nothing reacts yet.
    React reaction_to(const Delivery& one);
    void settle(const Message& message, std::uint32_t outcome, std::chrono::nanoseconds delay = {},
                std::string_view reason = {});
    void violate(const std::string& what);
    void wait_until(const std::string& what, const std::function<bool()>& is_so);

    Node& node_;
    const Wanted wanted_;
    const std::string config_;
    const std::chrono::milliseconds patience_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Delivery> deliveries_;
    std::map<std::string, std::vector<std::size_t>> by_body_;  ///< places in deliveries_
    std::set<std::uint64_t> in_flight_;                        ///< tokens
    std::map<std::uint64_t, std::size_t> waiting_;             ///< for a reaction: places, by token
    React react_;
    int inside_ = 0;
    bool is_closed_ = false;
    bool counts_ = true;
};

/// The configuration of a source with these retries.
std::string config_of(const Place& place, const Retries& retries);

}  // namespace belfry::conformance::broker
