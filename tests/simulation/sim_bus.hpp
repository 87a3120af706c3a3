/// A bus between the nodes of a simulation that does what buses do to messages.
#pragma once

#include "daemon/plugin/broker.hpp"
#include "tests/simulation/world.hpp"

#include <memory>
#include <string>
#include <vector>

namespace belfry::sim {

/// How bad the bus is. One in so many; 0 = never.
struct BusWeather {
    std::uint64_t lost = 0;
    std::uint64_t repeated = 0;
    std::uint64_t damaged = 0;
    std::uint64_t late = 0;  ///< by up to ten seconds
    bool is_cut = false;
};

/// The wire that all nodes are on.
struct SimWire {
    struct Ear {
        SimExecutor* home;
        Broker::Hear hear;
    };

    explicit SimWire(World& owner) : world(owner) {}
    void send(std::uint32_t partition, ByteView message);

    World& world;
    BusWeather weather;
    std::vector<std::unique_ptr<Ear>> ears;
};

/// One node's connection to the wire. Nothing but the bus works.
class SimBroker final : public Broker {
public:
    explicit SimBroker(SimWire& wire, SimExecutor& home) : wire_(wire), home_(home) {}

    void broadcast(std::uint32_t partition, ByteView message) override {
        wire_.send(partition, message);
    }
    void listen(std::span<const std::uint32_t> partitions, Executor& home, Hear hear,
                Callback<> done) override;

    void publish(const Message& message, Executor& home, Callback<> done) override;
    void consume(const SourceConfig& source, Executor& home, Deliver deliver,
                 Callback<> done) override;
    void cancel(const std::string& source, Executor& home, Callback<> done) override;
    void settle(const std::string& source, std::span<const Settlement> settlements) override;
    void pause(const std::string& source, bool paused) override;
    void source_stats(const std::string& source, Executor& home,
                      Callback<SourceStats> done) override;
    [[nodiscard]] const config::Schema* source_schema() const override { return nullptr; }
    void dead_letters(const std::string& source, std::uint64_t limit, Executor& home,
                      Callback<std::vector<Message>> done) override;
    void replay(const std::string& source, std::uint64_t limit, Nanos before, Executor& home,
                Callback<std::uint64_t> done) override;

private:
    SimWire& wire_;
    SimExecutor& home_;
};

}  // namespace belfry::sim
