#include "tests/simulation/sim_bus.hpp"

#include <utility>

namespace belfry::sim {
namespace {

std::unexpected<Error> only_a_bus() { return fail(Code::refused, "this is only a bus"); }

}  // namespace

void SimWire::send(std::uint32_t partition, ByteView message) {
    const auto happens = [this](std::uint64_t one_in) {
        return one_in != 0 && world.chance(one_in);
    };
    for (const auto& ear : ears) {
        if (weather.is_cut || happens(weather.lost)) {
            continue;
        }
        for (int copies = happens(weather.repeated) ? 2 : 1; copies > 0; --copies) {
            std::string bytes(text_of(message));
            if (happens(weather.damaged)) {
                bytes[world.below(bytes.size())] ^= static_cast<char>(1U << world.below(8));
            }
            // In order, but for those that are late.
            const Nanos delay = happens(weather.late)
                                    ? static_cast<Nanos>(world.below(10'000)) * kMillisecond
                                    : 3 * kMillisecond;
            world.at(delay, *ear->home, [&target = *ear, partition, bytes = std::move(bytes)] {
                target.hear(partition, SharedBytes::copy(std::string_view(bytes)));
            });
        }
    }
}

void SimBroker::listen(std::span<const std::uint32_t> /*partitions*/, Executor& home, Hear hear,
                       Callback<> done) {
    wire_.ears.push_back(std::make_unique<SimWire::Ear>(&home_, std::move(hear)));
    home.post([done = std::move(done)]() mutable { done({}); });
}

void SimBroker::publish(const Message& /*message*/, Executor& /*home*/, Callback<> done) {
    done(only_a_bus());
}
void SimBroker::consume(const SourceConfig& /*source*/, Executor& /*home*/, Deliver /*deliver*/,
                        Callback<> done) {
    done(only_a_bus());
}
void SimBroker::cancel(const std::string& /*source*/, Executor& /*home*/, Callback<> done) {
    done(only_a_bus());
}
void SimBroker::settle(const std::string& /*source*/, std::span<const Settlement> /*settlements*/) {
}
void SimBroker::pause(const std::string& /*source*/, bool /*paused*/) {}
void SimBroker::source_stats(const std::string& /*source*/, Executor& /*home*/,
                             Callback<SourceStats> done) {
    done(only_a_bus());
}
void SimBroker::dead_letters(const std::string& /*source*/, std::uint64_t /*limit*/,
                             Executor& /*home*/, Callback<std::vector<Message>> done) {
    done(only_a_bus());
}
void SimBroker::replay(const std::string& /*source*/, std::uint64_t /*limit*/, Nanos /*before*/,
                       Executor& /*home*/, Callback<std::uint64_t> done) {
    done(only_a_bus());
}

}  // namespace belfry::sim
