/// A broker plugin as a Broker.
#pragma once

#include "daemon/plugin/broker.hpp"
#include "daemon/plugin/port.hpp"

#include <belfry/abi.h>

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace belfry::plugin {

class BrokerAdapter final : public Broker {
public:
    /// `table` is a checked bf_broker, `source_schema` its own. `port` outlives this.
    BrokerAdapter(Port& port, const void* table, std::optional<config::Schema> source_schema);

    void publish(const Message& message, Executor& home, Callback<> done) override;
    void consume(const SourceConfig& source, Executor& home, Deliver deliver,
                 Callback<> done) override;
    void cancel(const std::string& source, Executor& home, Callback<> done) override;
    void settle(const std::string& source, std::span<const Settlement> settlements) override;
    void pause(const std::string& source, bool paused) override;
    void broadcast(std::uint32_t partition, ByteView message) override;
    void listen(std::span<const std::uint32_t> partitions, Executor& home, Hear hear,
                Callback<> done) override;
    void source_stats(const std::string& source, Executor& home,
                      Callback<SourceStats> done) override;
    [[nodiscard]] const config::Schema* source_schema() const override {
        return source_schema_ ? &*source_schema_ : nullptr;
    }
    void dead_letters(const std::string& source, std::uint64_t limit, Executor& home,
                      Callback<std::vector<Message>> done) override;
    void replay(const std::string& source, std::uint64_t limit, Nanos before, Executor& home,
                Callback<std::uint64_t> done) override;

private:
    /// Where a source delivers. Kept for good: the plugin has its address.
    struct Inlet {
        bf_env& env;
        Executor& home;
        std::shared_ptr<Deliver> deliver;
        std::string source;
        std::atomic<bool> is_cancelled = false;
    };
    /// Where the bus is heard. Kept for good, too.
    struct Ear {
        bf_env& env;
        Executor& home;
        std::shared_ptr<Hear> hear;
        prometheus::Counter& dropped;
        std::shared_ptr<std::atomic<std::uint32_t>> waiting;
    };

    static void deliver(void* ctx, const bf_message* messages, std::uint64_t count);
    static void hear(void* ctx, std::uint32_t partition, bf_bytes message);
    void mark_cancelled(const std::string& source);

    Port& port_;
    const bf_broker table_;  ///< functions that an older plugin lacks are NULL
    const std::optional<config::Schema> source_schema_;
    std::mutex mutex_;
    std::list<Inlet> inlets_;
    std::list<Ear> ears_;
};

}  // namespace belfry::plugin
