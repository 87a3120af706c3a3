/// The bus between the nodes: a topic that everyone reads from its end.
#pragma once

#include "plugins/broker/kafka/producer.hpp"
#include "plugins/broker/kafka/shared.hpp"

#include <belfry/broker.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace belfry::kafka {

/// The topic has few partitions; those of the bus are spread over them and named by the key. No
/// group, so every node hears everything.
class Bus {
public:
    explicit Bus(Shared& shared);
    ~Bus();
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

    void listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                sdk::Done<> done);
    void broadcast(std::uint32_t partition, sdk::Bytes message);
    void stop();

private:
    struct Wanted {
        std::set<std::uint32_t> partitions;
        sdk::Listener listener;
        std::vector<sdk::Done<>> done;
    };
    class Ear;

    void start();
    void run();
    void take_wanted();
    /// The topic is there, and read from now on. Throws sdk::Failure.
    void attach();
    void hear(const rd_kafka_message_t& record);
    void look_after();

    Shared& shared_;
    const std::string topic_;
    sdk::Metric lost_;

    std::mutex mutex_;  // guards what follows
    bool is_over_ = false;
    std::optional<Wanted> wanted_;
    std::unique_ptr<Producer> producer_;
    std::thread thread_;

    // The thread's.
    Wanted heard_;
    std::unique_ptr<Ear> ear_;
    std::int64_t next_attach_ = 0;
};

}  // namespace belfry::kafka
