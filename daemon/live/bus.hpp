/// The fan-out between nodes.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/base/random.hpp"
#include "daemon/live/bus_message.hpp"
#include "daemon/live/bus_peers.hpp"
#include "daemon/live/hub.hpp"
#include "daemon/plugin/broker.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::live {

struct BusSettings {
    std::string node;
    std::uint32_t partitions = 256;
    std::size_t inline_bytes = 16 * 1024;  ///< of a stream's new entries; more are only told of
};

/// Tells the other nodes what was committed here, and the shards what was committed there. What it
/// loses is found by the sweep over followed streams, which is quicker while the bus is in trouble.
/// Lives on the core's executor.
class Bus {
public:
    /// All of it outlives this; this outlives the executor's tasks.
    struct Parts {
        Executor& core;
        Broker& broker;
        Hub& hub;
        const Clock& clock;
        Random& random;
        Metrics& metrics;
        /// Why the broker cannot carry the bus now; empty if it can. Any thread.
        std::function<std::string()> broker_trouble;
    };
    Bus(Parts parts, BusSettings settings);

    /// Begins to listen, again and again until it works, and to send a beat every second. A node
    /// hears itself: so it knows whether the bus carries anything.
    void start();
    /// Tells the others; gives it to the broker at once or loses it.
    void send(const std::vector<Place>& places);
    /// What is wrong with the bus, for people; empty if nothing is. Any thread.
    [[nodiscard]] std::string trouble() const;

private:
    void listen();
    void beat();
    void flush(const BusWriter& writer, std::uint32_t partition);
    void hear(std::uint32_t partition, const SharedBytes& message);
    void take(std::uint32_t partition, BusMessage message);
    void look(Nanos now);
    [[nodiscard]] std::string find_trouble(Nanos now) const;

    Parts parts_;
    const BusSettings settings_;
    const std::uint64_t run_;
    std::vector<std::uint64_t> numbers_;  ///< of the last message, by partition
    std::uint64_t beats_ = 0;
    BusPeers peers_;
    std::string listen_failure_;
    Nanos self_heard_at_ = 0;
    Nanos missed_at_ = 0;   ///< when messages were last found missing; 0 = never
    std::string odd_node_;  ///< a node with another number of partitions
    mutable std::mutex mutex_;
    std::string trouble_;
    prometheus::Counter& sent_;
    prometheus::Counter& sent_bytes_;
    prometheus::Counter& heard_;
    prometheus::Counter& unwanted_;
    prometheus::Counter& missed_;
    prometheus::Counter& rejected_;
    prometheus::Histogram& lag_;
    prometheus::Gauge& peers_gauge_;
};

}  // namespace belfry::live
