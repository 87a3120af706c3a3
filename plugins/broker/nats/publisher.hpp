/// Confirmed publishing, many at a time.
#pragma once

#include "plugins/broker/nats/confirms.hpp"
#include "plugins/broker/nats/message.hpp"

#include <belfry/broker.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace belfry::nats {

class Publisher {
public:
    struct Result {
        sdk::Status status = sdk::Status::ok;
        std::string message;
        std::int64_t retry_after = 0;
    };
    /// On the loop.
    using Handler = std::move_only_function<void(const Result& result)>;

    Publisher(Loop& loop, Confirms& confirms, const Settings& settings, sdk::Env env);

    /// On the loop.
    void attach(std::shared_ptr<Link> link);
    void detach() { link_ = nullptr; }

    /// Completes with ok once a stream has it, or the server where the subject is a core one. Any
    /// thread. Throws sdk::Failure: invalid, retry where too much is unconfirmed.
    void publish(const bf_message& message, sdk::Done<> done);
    /// The same for the plugin's own, without a limit. On the loop.
    void publish(Draft draft, Handler handler);

private:
    struct Outgoing {
        Message message;
        std::string subject;
        std::string reply;
        bool is_core = false;
    };

    [[nodiscard]] Outgoing make_outgoing(Draft& draft);
    void reserve(std::size_t bytes);
    void release(std::size_t bytes);
    void send(Outgoing outgoing, Handler handler);
    [[nodiscard]] static Result result_of(const std::string& subject, const Message& answer);

    Loop& loop_;
    Confirms& confirms_;
    const Settings& settings_;
    sdk::Metric unconfirmed_;
    std::shared_ptr<Link> link_;
    std::atomic<std::int64_t> max_payload_ = 0;  ///< 0: not known yet
    std::atomic<std::size_t> count_ = 0;
    std::atomic<std::size_t> bytes_ = 0;
};

}  // namespace belfry::nats
