/// Confirmed publishing, on a connection and a thread of its own.
#pragma once

#include "plugins/broker/rabbitmq/assembler.hpp"
#include "plugins/broker/rabbitmq/backoff.hpp"
#include "plugins/broker/rabbitmq/connection.hpp"
#include "plugins/broker/rabbitmq/message.hpp"
#include "plugins/broker/rabbitmq/probe.hpp"
#include "plugins/broker/rabbitmq/settings.hpp"
#include "plugins/broker/rabbitmq/standing.hpp"

#include <belfry/host.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace belfry::rabbitmq {

/// How a publishing went.
struct Verdict {
    sdk::Status status = sdk::Status::ok;
    std::string message;
    std::int64_t retry_after = 0;
};

/// Called exactly once, on the publisher's thread or the caller's, without a lock.
using Told = std::move_only_function<void(const Verdict&)>;

class Publisher {
public:
    Publisher(const Settings& settings, const sdk::Env& env, Standing& standing);
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    /// Connects; completes when it stands or has failed.
    void start(sdk::Done<> done);
    /// Tells everything that is open, and ends the thread. Waits for it.
    void stop();

    /// Persistent and mandatory. `bounded`: refused when too many wait already. Any thread.
    void publish(Message message, Told told, bool bounded);

private:
    struct Letter {
        Message message;
        Told told;
        std::int64_t sent_at = 0;
        Verdict verdict{};  ///< other than ok where it was returned
    };
    enum class Stage : std::uint8_t { created, connected, disconnected, stopped };

    void run(sdk::Done<> done);
    bool try_begin(sdk::Done<> done);
    void connect();
    void open_channel();
    void serve();
    void lose(const Trouble& trouble);
    void wait_to_reconnect();

    void send_all();
    void send(Letter letter);
    /// Does the exchange exist? Tells the letter where it does not.
    bool check_exchange(Letter& letter);
    [[nodiscard]] std::deque<Letter> take_outbox();

    void take(const amqp_frame_t& frame);
    void take_return(const Content& content);
    void confirm(std::uint64_t tag, bool multiple, bool taken);
    void channel_closed(const Trouble& trouble);
    void give_up_old();
    void watch_blocked();
    void tell(Letter& letter, const Verdict& verdict);
    void tell_all(std::deque<Letter> letters, const Verdict& verdict);
    void tell_unconfirmed(const Verdict& verdict);
    void set_stage(Stage stage);
    [[nodiscard]] bool is_stopped() const;

    const Settings settings_;
    const std::string place_;
    sdk::Env env_;
    Standing& standing_;
    sdk::Metric published_;
    sdk::Metric failed_;
    sdk::Metric reconnects_;
    sdk::Metric waiting_;
    Wake wake_;
    Cutter cutter_;
    std::thread thread_;

    mutable std::mutex mutex_;  // guards the next five
    Stage stage_ = Stage::created;
    std::deque<Letter> outbox_;
    std::size_t open_ = 0;  ///< letters not told yet
    std::size_t open_bytes_ = 0;
    std::string reason_;  ///< why it takes nothing at the moment

    // Of the thread.
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<Probe> probe_;
    std::string scratch_;
    Assembler assembler_;
    Backoff backoff_;
    std::map<std::uint64_t, Letter> unconfirmed_;  // by delivery tag
    std::uint64_t last_tag_ = 0;
    std::set<std::string, std::less<>> exchanges_;  ///< known to exist
    bool is_blocked_ = false;
};

}  // namespace belfry::rabbitmq
