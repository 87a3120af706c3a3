/// The bus: one subscription for all partitions, whose number is the last token of the subject.
#pragma once

#include "plugins/broker/nats/link.hpp"
#include "plugins/broker/nats/loop.hpp"

#include <belfry/broker.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

namespace belfry::nats {

class Bus {
public:
    Bus(Loop& loop, Loop& clerk, const std::string& prefix, sdk::Env env);

    /// On the loop. Throws sdk::Failure (unavailable).
    void attach(std::shared_ptr<Link> link);
    void detach();
    /// Any thread.
    void broadcast(std::uint32_t partition, sdk::Bytes message);
    /// On the loop. Completes when the server knows of it and the former listener hears no more.
    void listen(std::unordered_set<std::uint32_t> partitions, sdk::Listener listener,
                sdk::Done<> done);

private:
    struct Ear {
        std::unordered_set<std::uint32_t> partitions;
        sdk::Listener listener;
    };

    void subscribe();
    void heard(const Message& message);
    /// Until nothing but the present ear is in a call.
    void wait_for_former();

    Loop& loop_;
    Loop& clerk_;
    const std::string prefix_;
    sdk::Metric lost_;
    std::shared_ptr<Link> link_;
    Link::Subscribed subscribed_;
    std::atomic<std::size_t> queued_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::shared_ptr<const Ear> ear_;
    std::shared_ptr<const Ear> hearing_;  ///< in a call
};

}  // namespace belfry::nats
