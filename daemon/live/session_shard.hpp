/// The sessions of one shard and what they share.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/base/random.hpp"
#include "daemon/identity/principal.hpp"
#include "daemon/live/shard_hub.hpp"
#include "daemon/mailbox/mailbox.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace belfry::live {

class Encoders;
class Session;

struct SessionSettings {
    Nanos auth_time = 5 * kSecond;  ///< for a late login
    Nanos ping = 25 * kSecond;      ///< silence after which the client is asked for a sign of life
    Nanos pong = 8 * kSecond;       ///< the longest it may take to give one
    Nanos stuck = 30 * kSecond;     ///< a client that takes nothing for this long is ended
    Nanos ack_delay = kSecond;      ///< acks within this time share a write
    std::size_t queue_bytes = 64 * 1024;  ///< beyond, the client is served from storage
    std::size_t queue_pieces = 256;
    std::size_t message_bytes = 64 * 1024;  ///< of one message from the client
    std::size_t streams = 32;               ///< a session may follow
    float message_rate = 20;                ///< from the client, per second
    float message_burst = 100;
};

/// Hears when a user's session begins and when it is over. Any thread.
using Attendance = std::function<void(const std::string& user, bool is_there)>;
using Authenticate = std::function<Result<Principal>(std::string_view credential)>;

/// Owns the shard's sessions. The shard's thread.
class SessionShard {
public:
    struct Parts {
        Executor& home;
        ShardHub& hub;
        Mailbox& mailbox;
        const Clock& clock;
        Random& random;
        Metrics& metrics;
        const Encoders& encoders;
        Authenticate authenticate;
        Attendance attendance = {};  ///< may be empty
    };

    SessionShard(Parts parts, const SessionSettings& settings);
    ~SessionShard();

    /// A new session, owned here until it is over.
    Session& add(const Encoder& encoder);
    void remove(Session& session);
    /// Every session is told to come back, each at its own moment within `window`, and ended then.
    void drain(Nanos window);
    /// Ends what is left of every session, so that transports free what they hold.
    void end_all();
    /// While draining: how long a session that comes now may stay.
    [[nodiscard]] std::optional<Nanos> time_to_leave() const;

    [[nodiscard]] std::size_t size() const { return sessions_.size(); }
    [[nodiscard]] const SessionSettings& settings() const { return settings_; }
    [[nodiscard]] const Parts& parts() const { return parts_; }

private:
    Parts parts_;
    const SessionSettings settings_;
    std::vector<std::shared_ptr<Session>> sessions_;
    Nanos drained_at_ = 0;  ///< monotonic; 0 = not draining
    prometheus::Gauge& gauge_;
};

}  // namespace belfry::live
