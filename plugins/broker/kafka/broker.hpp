/// The plugin: its calls, and the life of what serves them.
#pragma once

#include "plugins/broker/kafka/bus.hpp"
#include "plugins/broker/kafka/schema.hpp"
#include "plugins/broker/kafka/settings.hpp"
#include "plugins/broker/kafka/shared.hpp"
#include "plugins/broker/kafka/source.hpp"

#include <belfry/plugin.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace belfry::kafka {

/// What waits for the cluster does so on threads of its own: the watch, each source, the bus, the
/// producer's reports, and two workers.
class Broker final : public sdk::Broker {
public:
    static constexpr sdk::About kAbout{.name = "kafka",
                                       .version = "1.0.0",
                                       .summary = "Apache Kafka, through librdkafka",
                                       .config_schema = kSchema};
    static constexpr std::string_view kSourceSchema = kafka::kSourceSchema;

    /// Throws sdk::ConfigError.
    static void check(std::string_view config);

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

    /// Throws sdk::Failure.
    void begin(const bf_source& wire, sdk::Done<>& done);
    /// Throws sdk::Failure where the broker is not running or there is none.
    [[nodiscard]] SourcePtr source_of(std::string_view name) const;
    /// Null where there is none.
    [[nodiscard]] SourcePtr find(std::string_view name) const;
    [[nodiscard]] std::vector<SourcePtr> all() const;
    void expect_running() const;
    void end();

    std::unique_ptr<Shared> shared_;
    std::unique_ptr<Bus> bus_;

    mutable std::mutex mutex_;  // guards the next three
    bool is_running_ = false;
    bool is_draining_ = false;
    std::map<std::string, SourcePtr, std::less<>> sources_;

    std::shared_ptr<Drain> drain_;  // life cycle calls come one at a time
    std::thread life_;              ///< of stop
};

}  // namespace belfry::kafka
