/// The plugin: queues and sources, the bus, and the instance's executor that serves them.
#pragma once

#include "plugins/broker/memory/alarm.hpp"
#include "plugins/broker/memory/bus.hpp"
#include "plugins/broker/memory/group.hpp"
#include "plugins/broker/memory/schema.hpp"
#include "plugins/broker/memory/settings.hpp"
#include "plugins/broker/memory/source.hpp"

#include <belfry/plugin.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace belfry::memory {

/// Calls take the group's mutex for a moment. Deliveries, bus messages and completions that promise
/// an end come from the instance's executor, one at a time; that order is what makes cancel and
/// stop exact.
class Broker final : public sdk::Broker, private Member {
public:
    static constexpr sdk::About kAbout{.name = "memory",
                                       .version = "1.0.0",
                                       .summary = "broker in the daemon's own memory",
                                       .config_schema = kSchema};
    static constexpr std::string_view kSourceSchema = memory::kSourceSchema;

    Broker(sdk::Env env, std::string_view name, std::string_view config);
    ~Broker() override;
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    void start(sdk::Done<> done) override;
    void drain(std::int64_t deadline, sdk::Done<> done) override;
    void stop(sdk::Done<> done) override;

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
    enum class Stage : std::uint8_t { created, running, draining, stopped };

    void wake() override;
    void offer(std::uint32_t partition, const std::shared_ptr<const std::string>& message) override;

    /// Delivers what can be delivered; on the executor.
    void pump();
    void hear_all();
    /// One batch of each source; false where there was none.
    [[nodiscard]] bool deliver_round();
    void set_alarm();
    /// Throws sdk::Failure.
    void begin(const bf_source& source);
    /// Gives everything back to the group.
    void leave();
    /// Completes when what runs on the executor now has ended. With the mutex held, so that stop,
    /// which takes it too, is behind.
    void complete_behind(sdk::Done<> done);
    /// The drain's completion where it has come to its end.
    [[nodiscard]] std::optional<sdk::Done<>> take_drained();

    [[nodiscard]] bool is_serving() const {
        return stage_ == Stage::running || stage_ == Stage::draining;
    }
    [[nodiscard]] Source* find(std::string_view name);
    /// Throws sdk::Failure where there is none, or the broker is not running.
    [[nodiscard]] Source& source_of(std::string_view name);
    [[nodiscard]] std::uint64_t in_flight() const;
    void report() const;

    const Settings settings_;
    const std::shared_ptr<Group> group_;
    sdk::Metric messages_;
    sdk::Metric bytes_;
    sdk::Metric bus_lost_;
    Alarm alarm_;

    // Guarded by the group's mutex.
    Stage stage_ = Stage::created;
    bool is_member_ = false;
    bool pump_posted_ = false;
    std::map<std::string, std::unique_ptr<Source>, std::less<>> sources_;
    Ear ear_;
    std::optional<sdk::Done<>> drained_;
    std::int64_t drain_until_ = 0;  // monotonic
};

}  // namespace belfry::memory
