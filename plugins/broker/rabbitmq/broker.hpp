/// The plugin: its calls, and the life of what serves them.
#pragma once

#include "plugins/broker/rabbitmq/bus.hpp"
#include "plugins/broker/rabbitmq/clerk.hpp"
#include "plugins/broker/rabbitmq/schema.hpp"
#include "plugins/broker/rabbitmq/settings.hpp"
#include "plugins/broker/rabbitmq/shared.hpp"
#include "plugins/broker/rabbitmq/source.hpp"

#include <belfry/plugin.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace belfry::rabbitmq {

/// The library waits for the network: it is only called on threads of the publisher, the bus, the
/// clerk and each source. Calls put something into one of their inboxes.
class Broker final : public sdk::Broker {
public:
    static constexpr sdk::About kAbout{.name = "rabbitmq",
                                       .version = "1.0.0",
                                       .summary = "RabbitMQ, over AMQP 0-9-1",
                                       .config_schema = kSchema};
    static constexpr std::string_view kSourceSchema = rabbitmq::kSourceSchema;

    static void check(std::string_view config) { (void)parse_settings(config); }

    Broker(sdk::Env env, std::string_view name, std::string_view config);
    ~Broker() override;
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    void start(sdk::Done<> done) override;
    void drain(std::int64_t deadline, sdk::Done<> done) override;
    void stop(sdk::Done<> done) override;
    sdk::Applied apply(std::string_view config) override;

    void publish(const bf_message& message, sdk::Done<> done) override;
    void consume(const bf_source& source, sdk::Done<> done) override;
    void cancel(std::string_view source, sdk::Done<> done) override;
    void settle(std::string_view source, sdk::Array<bf_settlement> settlements) override;
    void pause(std::string_view source, bool paused) override;
    void broadcast(std::uint32_t partition, sdk::Bytes message) override;
    void listen(std::span<const std::uint32_t> partitions, sdk::Listener listener,
                sdk::Done<> done) override;
    void source_stats(std::string_view source, sdk::Done<sdk::SourceStats> done) override;
    void dead_letters(std::string_view source, std::uint64_t limit,
                      sdk::Done<sdk::DeadLetters> done) override;
    void replay(std::string_view source, std::uint64_t limit, std::int64_t before,
                sdk::Done<sdk::Replayed> done) override;

private:
    using SourcePtr = std::shared_ptr<Source>;
    class Drain;

    [[nodiscard]] SourcePtr add_source(const bf_source& wire);
    /// The newest of that name that has ever stood or may still; null without one.
    [[nodiscard]] SourcePtr find(std::string_view name) const;
    /// The same; completes the call where there is none.
    template <class Value>
    [[nodiscard]] SourcePtr find(std::string_view name, sdk::Done<Value>& done) const;
    [[nodiscard]] std::vector<SourcePtr> all() const;
    [[nodiscard]] bool is_running() const;
    void end();

    Shared shared_;
    Bus bus_;
    Clerk clerk_;

    mutable std::mutex mutex_;  // guards the next three
    bool is_running_ = false;
    bool is_draining_ = false;
    /// The oldest of a name first; one that was cancelled stays while messages of it are in flight.
    std::map<std::string, std::vector<SourcePtr>, std::less<>> sources_;

    std::shared_ptr<Drain> drain_;  // life cycle calls come one at a time
    std::thread life_;              ///< of stop
};

}  // namespace belfry::rabbitmq
