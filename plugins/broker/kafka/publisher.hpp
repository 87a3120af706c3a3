/// What the daemon publishes: only to topics that are there, and not too much at a time.
#pragma once

#include "plugins/broker/kafka/producer.hpp"
#include "plugins/broker/kafka/standing.hpp"
#include "plugins/broker/kafka/worker.hpp"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace belfry::kafka {

/// A broker may be set to make every topic that a producer names; so topics are looked up first,
/// by `handle`, which makes none. Any thread; the calls do not wait.
class Publisher {
public:
    Publisher(Producer& producer, Worker& worker, const Standing& standing, rd_kafka_t* handle)
        : producer_(producer), worker_(worker), standing_(standing), handle_(handle) {}

    void publish(Message message, Producer::Then then);

private:
    struct Waiting {
        Message message;
        Producer::Then then;
    };

    void look_up(const std::string& topic, bool is_live);
    /// Those that wait for the topic; it counts as known where none does.
    [[nodiscard]] std::vector<Waiting> take_waiting(const std::string& topic);
    void refuse(const std::string& topic, const Verdict& verdict);
    void produce(const Waiting& letter);

    Producer& producer_;
    Worker& worker_;
    const Standing& standing_;
    rd_kafka_t* const handle_;

    std::mutex mutex_;
    std::set<std::string, std::less<>> known_;
    std::map<std::string, std::vector<Waiting>> waiting_;  ///< by topic, while it is looked up
    std::size_t waiting_count_ = 0;
};

}  // namespace belfry::kafka
