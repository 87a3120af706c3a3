/// The memory broker as a plugin that breaks the promise its configuration names, to prove that the
/// conformance kit finds what is wrong.
#pragma once

#include "plugins/broker/memory/broker.hpp"

#include <belfry/plugin.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::faulty {

using sdk::Done;

class FaultyBroker final : public sdk::Broker {
public:
    static constexpr sdk::About kAbout{.name = "faulty-broker",
                                       .version = "1.0.0",
                                       .summary = "The memory broker, with planted faults",
                                       .config_schema = R"({"type": "object", "properties": {
        "group": {"type": "string"}, "max_messages": {"type": "integer"},
        "max_bytes": {"type": "integer"}, "fault": {"type": "string", "default": ""}}})"};
    static constexpr std::string_view kSourceSchema = memory::kSourceSchema;

    FaultyBroker(sdk::Env env, std::string_view name, std::string_view config);

    void start(Done<> done) override { inner_.start(std::move(done)); }
    void drain(std::int64_t deadline, Done<> done) override;
    void stop(Done<> done) override;
    void publish(const bf_message& message, Done<> done) override;
    void consume(const bf_source& source, Done<> done) override;
    void cancel(std::string_view source, Done<> done) override;
    void settle(std::string_view source, sdk::Array<bf_settlement> settlements) override;
    void pause(std::string_view source, bool paused) override;
    void broadcast(std::uint32_t partition, sdk::Bytes message) override;
    void listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                Done<> done) override;
    void source_stats(std::string_view source, Done<sdk::SourceStats> done) override;
    void dead_letters(std::string_view source, std::uint64_t limit,
                      Done<sdk::DeadLetters> done) override;
    void replay(std::string_view source, std::uint64_t limit, std::int64_t before,
                Done<sdk::Replayed> done) override;

    [[nodiscard]] bool has(std::string_view fault) const { return fault_ == fault; }

private:
    /// Where the memory broker delivers.
    struct Inlet {
        FaultyBroker& owner;
        std::string name;
        bf_source outer;
        std::set<std::uint64_t> in_flight = {};  ///< tokens
        bool is_paused = false;
    };
    struct Ear {
        FaultyBroker& owner;
        sdk::Listener outer;
        const Ear* former;
    };

    static void deliver(void* ctx, const bf_message* messages, std::uint64_t count);
    static void hear(void* ctx, std::uint32_t partition, bf_bytes message);
    void deliver_to(Inlet& inlet, std::vector<bf_message> messages);
    /// False where the message is not to be delivered.
    bool take(Inlet& inlet, bf_message& message);
    void spoil(bf_message& message);
    /// Only `name`'s inlet knows it.
    void settle_quietly(const std::string& name, std::uint64_t token);
    void settle_all_in_flight();
    void settle_one(const std::string& source, bf_settlement settlement);
    /// Which source's it is to be settled as; may change the token.
    std::string owner_of(const std::string& source, bf_settlement& settlement);
    void spoil_retry(const std::string& source, bf_settlement& settlement);
    void spoil_dead(bf_settlement& settlement);
    void hold_up(const std::string& source, std::int64_t delay);
    /// The memory broker for its table.
    void* instance() { return static_cast<sdk::Instance*>(&inner_); }
    Inlet* inlet_of(std::string_view name);

    const std::string fault_;
    memory::Broker inner_;
    std::recursive_mutex mutex_;
    std::deque<Inlet> inlets_;
    std::deque<Ear> ears_;
    std::deque<std::string> texts_;  ///< what spoiled messages point to
    std::set<std::string> said_;
    std::string held_back_;  ///< of the bus
    std::uint64_t published_ = 0;
    std::uint64_t settled_ = 0;
    bool is_stopped_ = false;
};

}  // namespace belfry::faulty
