/// A producing handle, and the thread that hears what became of messages.
#pragma once

#include "plugins/broker/kafka/conf.hpp"
#include "plugins/broker/kafka/message.hpp"

#include <belfry/types.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace belfry::kafka {

/// What became of a message.
struct Verdict {
    sdk::Status status = sdk::Status::ok;
    std::string message;
    std::int64_t retry_after = 0;
};

class Producer {
public:
    using Then = std::function<void(const Verdict&)>;

    explicit Producer(HandlePtr handle) : handle_(std::move(handle)) {}
    ~Producer() { stop(0); }
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    void start();
    /// Waits so long for what is under way; the rest fails with retry. Nothing is called after it.
    void stop(int patience_ms);

    /// `then` is called once, from the producer's thread or, where it fails at once, from inside.
    /// Any thread, between start and stop.
    void produce(const std::string& topic, const Message& message, Then then);
    [[nodiscard]] std::uint64_t unconfirmed() const { return unconfirmed_; }
    [[nodiscard]] std::uint64_t unconfirmed_bytes() const { return bytes_; }

    /// To be set in the configuration of the handle.
    static void on_report(rd_kafka_t* handle, const rd_kafka_message_t* report, void* opaque);

private:
    struct Letter {
        Producer* producer;
        std::uint64_t bytes;
        Then then;
    };
    void finish(std::unique_ptr<Letter> letter, const Verdict& verdict);

    HandlePtr handle_;
    std::atomic<std::uint64_t> unconfirmed_ = 0;
    std::atomic<std::uint64_t> bytes_ = 0;
    std::atomic<bool> is_over_ = false;
    std::thread thread_;
};

/// Confirmed by all replicas that are in sync, in order, without a repetition by the library.
[[nodiscard]] HandlePtr make_confirming(const Settings& settings, Troubles& troubles);
/// Given up soon, and confirmed by nobody: for the bus.
[[nodiscard]] HandlePtr make_hasty(const Settings& settings, Troubles& troubles);

}  // namespace belfry::kafka
