/// One connection, from being made until it is lost or closed; the next one is another object.
#pragma once

#include "plugins/broker/nats/handles.hpp"
#include "plugins/broker/nats/settings.hpp"

#include <belfry/host.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::nats {

/// Any thread. Nothing here ever reconnects: whoever has the link makes a new one.
class Link {
public:
    /// On a thread of the subscription's own, one call at a time.
    using Handler = std::function<void(Message)>;
    /// On a thread of the library; must not block.
    using Lost = std::function<void(const std::string& reason)>;

    struct Interest {
        std::string subject;
        std::string queue;    ///< empty: none
        int max_waiting = 0;  ///< messages that wait for the handler; 0 = as many as come
    };

    class Subscription;
    /// Ends it: no call of the handler begins from then on; one may be running.
    struct End {
        void operator()(Subscription* subscription) const;
    };
    using Subscribed = std::unique_ptr<Subscription, End>;

    /// Waits for the server. Throws sdk::Failure: invalid for what cannot be used, refused for what
    /// the server does not let in, else unavailable.
    Link(const Settings& settings, sdk::Env env, Lost lost);
    /// Waits until no handler is running and none will be.
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// Throws sdk::Failure (unavailable).
    [[nodiscard]] Subscribed subscribe(const Interest& interest, Handler handler);
    /// Writes into a buffer, rarely waits. False where the connection is lost.
    bool send(const std::string& subject, std::string_view body) const;
    natsStatus send(const Message& message) const;
    /// Waits for the answer, until the request timeout. Throws sdk::Failure (unavailable).
    [[nodiscard]] Message request(const std::string& subject, std::string_view body) const;
    [[nodiscard]] Message request(const Message& message) const;
    /// Waits until the server has what was sent; false where it does not in time.
    bool flush() const;
    /// Bytes of headers and body that the server takes.
    [[nodiscard]] std::int64_t max_payload() const;

private:
    static void on_closed(natsConnection* connection, void* self);
    static void on_error(natsConnection* connection, natsSubscription* subscription,
                         natsStatus status, void* self);

    const sdk::Env env_;
    const Lost lost_;
    const std::int64_t timeout_;  // ms
    natsConnection* connection_ = nullptr;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool closed_ = false;
    std::vector<std::weak_ptr<Subscription>> subscriptions_;
};

}  // namespace belfry::nats
