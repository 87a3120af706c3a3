/// A source: a thread that keeps a Consumer alive.
#pragma once

#include "plugins/broker/rabbitmq/backoff.hpp"
#include "plugins/broker/rabbitmq/consumer.hpp"
#include "plugins/broker/rabbitmq/shared.hpp"
#include "plugins/broker/rabbitmq/source_inbox.hpp"

#include <belfry/broker.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace belfry::rabbitmq {

class Source {
public:
    Source(Shared& shared, std::string name, SourceSettings settings, const bf_source& wire);
    /// Stops it.
    ~Source();
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    /// Completes when the subscription stands, or has failed and the source has ended.
    void start(sdk::Done<> done);
    void settle(sdk::Array<bf_settlement> settlements);
    void pause(bool paused);
    void cancel(sdk::Done<> done);
    /// Delivers no more; calls `drained` once, when all is settled, on any thread.
    void drain(std::function<void()> drained);
    void stats(sdk::Done<sdk::SourceStats> done);
    /// Asks the thread to end; what is not settled goes back.
    void stop();
    void join();

    /// Delivers, or will again: not cancelled, and not failed to start. Any thread.
    [[nodiscard]] bool is_active() const { return is_active_; }
    [[nodiscard]] bool has_ended() const { return has_ended_; }
    /// It never stood.
    [[nodiscard]] bool has_failed() const { return has_failed_; }
    [[nodiscard]] const SourceSettings& settings() const { return context_.settings; }

private:
    void run(sdk::Done<> done);
    bool begin(sdk::Done<> done);
    void connect();
    void turn();
    void obey(SourceInbox::Orders orders);
    void answer(sdk::Done<sdk::SourceStats>& done);
    void end_deliveries();
    void lose(const std::string& reason, sdk::Health health);
    void wait_to_reconnect();
    void finish();
    [[nodiscard]] bool is_over() const;
    void tell_cancelled();
    void tell_drained();

    const std::shared_ptr<SourceInbox> inbox_ = std::make_shared<SourceInbox>();
    SourceContext context_;
    std::thread thread_;
    std::atomic<bool> is_active_ = true;
    std::atomic<bool> has_ended_ = false;
    std::atomic<bool> has_failed_ = false;

    // Of the thread.
    std::unique_ptr<Consumer> consumer_;
    std::uint64_t last_consumer_ = 0;
    Backoff backoff_;
    std::function<void()> drained_;
    std::vector<sdk::Done<>> cancels_;  ///< to be completed
    bool is_paused_ = false;
    bool is_cancelled_ = false;
    bool is_stopped_ = false;
    bool is_draining_ = false;
};

}  // namespace belfry::rabbitmq
