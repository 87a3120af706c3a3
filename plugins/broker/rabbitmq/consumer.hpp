/// One source's consumption over one connection.
#pragma once

#include "plugins/broker/rabbitmq/assembler.hpp"
#include "plugins/broker/rabbitmq/backoff.hpp"
#include "plugins/broker/rabbitmq/connection.hpp"
#include "plugins/broker/rabbitmq/held.hpp"
#include "plugins/broker/rabbitmq/incoming.hpp"
#include "plugins/broker/rabbitmq/probe.hpp"
#include "plugins/broker/rabbitmq/shared.hpp"
#include "plugins/broker/rabbitmq/topology.hpp"

#include <belfry/broker.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace belfry::rabbitmq {

struct Settlement {
    std::uint64_t token = 0;
    std::uint32_t outcome = BF_SETTLED_RETRY;
    std::int64_t delay = 0;
    std::string reason;
};

/// How moving a message to another queue went; from the publisher's thread.
struct Moved {
    std::uint64_t consumer = 0;  ///< Consumer::number
    std::uint64_t tag = 0;
    bool to_dead = false;
    bool bare = false;
    Verdict verdict;
};

/// What outlives a connection, and what the source is.
struct SourceContext {
    Shared& shared;
    const std::string name;
    const SourceSettings settings;
    const bf_source wire;              ///< its texts are not ours
    std::function<void(Moved)> moved;  ///< any thread
    Recall recall{};
    std::atomic<std::uint64_t> redelivered = 0;
    std::atomic<std::uint64_t> dead = 0;
    std::atomic<std::uint64_t> reconnects = 0;
    sdk::Metric delivered_metric;
    sdk::Metric redelivered_metric;
    sdk::Metric retried_metric;
    sdk::Metric dead_metric;
};

/// All calls on the source's thread. They throw Trouble where the connection is lost; then only the
/// destructor is left, which remembers what was not settled.
class Consumer {
public:
    /// Connects and subscribes. Throws also sdk::Failure: the topology is not as it should be.
    Consumer(SourceContext& context, std::uint64_t number);
    ~Consumer();
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    /// Takes what the server has sent.
    void read();
    /// One batch, where there is one; true where there may be more.
    bool deliver();
    void settle(const Settlement& settlement);
    void take(Moved moved);
    void acknowledge();
    /// Does what is due at `now`, subscribing again included.
    void work(std::int64_t now);
    /// Deliver no more until resumed.
    void pause(bool paused);
    /// Deliver no more, ever; what is not delivered goes back.
    void end();
    /// Until there is something to do, at most for `patience`.
    void wait(const Wake& wake, std::int64_t patience) const;
    void say_goodbye();

    [[nodiscard]] std::size_t in_flight() const { return held_.in_flight(); }
    [[nodiscard]] std::size_t moving() const { return held_.moving(); }
    [[nodiscard]] sdk::SourceStats stats();

private:
    void subscribe();
    void unsubscribe();
    void take(const amqp_frame_t& frame);
    void take(Content content);
    void cancelled(std::int64_t now);
    void retry(std::uint64_t tag, const Settlement& settlement);
    void bury(std::uint64_t tag, std::string reason, bool bare);
    void move(Message message, const Moved& moved);
    void return_later(std::uint64_t tag, const std::string& why);
    void reject(std::uint64_t tag);
    [[nodiscard]] bool may_deliver() const { return !is_paused_ && !is_ended_; }
    void report(sdk::Health state, const std::string& what);

    SourceContext& context_;
    const std::uint64_t number_;
    Connection connection_;
    Probe probe_;
    DelayQueues delays_;
    Assembler assembler_;
    HeldMessages held_;
    Backoff backoff_;
    std::multimap<std::int64_t, std::uint64_t> returns_;  // time (monotonic) -> tag
    bool is_subscribed_ = false;
    std::uint64_t subscriptions_ = 0;
    std::int64_t subscribe_at_ = 0;
    bool is_ended_ = false;
    bool is_paused_ = false;
    std::int64_t paused_at_ = 0;
    bool is_moving_refused_ = false;  ///< reported
};

}  // namespace belfry::rabbitmq
