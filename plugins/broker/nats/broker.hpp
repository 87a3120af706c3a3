/// The plugin: what the daemon calls, handed to the loop, and the connection under it.
#pragma once

#include "plugins/broker/nats/bus.hpp"
#include "plugins/broker/nats/confirms.hpp"
#include "plugins/broker/nats/link.hpp"
#include "plugins/broker/nats/loop.hpp"
#include "plugins/broker/nats/publisher.hpp"
#include "plugins/broker/nats/schema.hpp"
#include "plugins/broker/nats/settings.hpp"
#include "plugins/broker/nats/source.hpp"

#include <belfry/plugin.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace belfry::nats {

/// Two threads of its own: the loop has all state, delivers and writes; the clerk waits for
/// answers.
class Broker final : public sdk::Broker {
public:
    static constexpr sdk::About kAbout{.name = "nats",
                                       .version = "1.0.0",
                                       .summary = "NATS and JetStream",
                                       .config_schema = kSchema};
    static constexpr std::string_view kSourceSchema = nats::kSourceSchema;

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
    template <class Value>
    using Inquiry = std::move_only_function<void(const Link& link, const SourceSettings& source,
                                                 sdk::Done<Value>& done)>;

    struct Made {
        std::uint64_t number = 0;  ///< its place among `links_`
        std::shared_ptr<Link> link;
    };

    // On the loop.
    void begin(Order order, SourceSettings settings, sdk::Done<> done);
    [[nodiscard]] SourcePtr find(std::string_view name) const;
    void forget_done();
    void end_sources();
    void check_drained(Loop::Clock::time_point until, sdk::Done<> done);
    void connect();
    void connected(Made made);
    void lost(const std::string& reason);
    void lose_link();
    void report();

    [[nodiscard]] bool is_running() const { return is_running_; }
    /// Waits for the server. On the clerk.
    [[nodiscard]] Made make_link();
    void close();
    /// Asks the server about an active source, on the clerk; fails `done` where that is not
    /// possible.
    template <class Value>
    void inquire(std::string_view source, sdk::Done<Value> done, Inquiry<Value> inquiry);

    const Settings settings_;
    const std::string place_;
    Loop loop_;
    Loop clerk_;
    Confirms confirms_;
    Publisher publisher_;
    Bus bus_;
    Site site_;
    sdk::Metric reconnects_;
    bool is_started_ = false;  // of the life cycle's calls
    std::atomic<bool> is_running_ = false;
    std::atomic<bool> is_stopping_ = false;
    std::atomic<bool> is_draining_ = false;
    std::atomic<std::uint64_t> links_ = 0;  ///< made so far: names the present one
    std::thread life_;                      ///< of stop

    // Of the loop.
    std::shared_ptr<Link> link_;
    std::vector<SourcePtr> sources_;
    unsigned failures_ = 0;
    std::string down_ = "not connected yet";  ///< why there is no link; empty where there is one
    std::string reported_ = "nothing";
};

}  // namespace belfry::nats
