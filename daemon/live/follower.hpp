/// Who follows streams, and how far each has got.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/error.hpp"
#include "daemon/live/position.hpp"

#include <cstddef>
#include <cstdint>

namespace belfry::live {

class Encoder;
struct StreamState;
struct Subscription;

/// The receiving end of subscriptions. The shard's thread.
class Follower {
public:
    Follower() = default;
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;
    virtual ~Follower() = default;

    [[nodiscard]] virtual const Encoder& encoder() const = 0;
    /// Is there room for `bytes` more without waiting?
    [[nodiscard]] virtual bool has_room(std::size_t bytes) const = 0;
    /// Nothing pushed is waiting to be sent; ShardHub::resume is called when that becomes true
    /// again.
    [[nodiscard]] virtual bool is_drained() const = 0;
    virtual void push(const SharedBytes& frames) = 0;
    /// Answer to ShardHub::follow: where the subscription stands; it goes on with ShardHub::begin.
    virtual void on_followed(Subscription& subscription, Result<Position> position) = 0;
    /// Entries behind the cursor are gone; the subscription continues from `position`.
    virtual void on_lost(Subscription& subscription, const Position& position) = 0;
};

/// A follower's cursor in one stream. Owned by the follower, registered with the shard's hub, which
/// it leaves by ShardHub::unfollow before it is destroyed.
struct Subscription {
    enum class Mode : std::uint8_t {
        starting,  ///< its position is being found out
        reading,   ///< a page is being read for it
        waiting,   ///< for its follower to drain, then it reads on
        live,      ///< fed by the hub
    };

    explicit Subscription(Follower& owner) : follower(owner) {}
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription() = default;

    Follower& follower;
    StreamState* stream = nullptr;
    std::uint64_t cursor = 0;  ///< the last seq that was pushed; while starting: a ticket
    std::uint32_t index = 0;   ///< among the stream's members
    Mode mode = Mode::starting;
};

}  // namespace belfry::live
