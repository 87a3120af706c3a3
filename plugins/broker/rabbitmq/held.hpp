/// What was received on one channel and not acknowledged yet.
#pragma once

#include "plugins/broker/rabbitmq/incoming.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace belfry::rabbitmq {

struct Held {
    enum class State : std::uint8_t {
        ready,      ///< not delivered yet
        delivered,  ///< not settled yet
        moving,     ///< on its way to another queue
        waiting,    ///< goes back to the queue in a moment
    };

    Incoming incoming;
    State state = State::ready;
    std::uint64_t token = 0;
    std::string reason;  ///< why it is moving
};

/// One thread.
class HeldMessages {
public:
    struct Ack {
        std::uint64_t tag = 0;
        bool multiple = false;
    };

    void add(std::uint64_t tag, Incoming incoming);
    [[nodiscard]] std::size_t ready() const { return ready_.size(); }
    /// The tag of the oldest that is ready; it is delivered as `token` from now on.
    std::optional<std::uint64_t> deliver_next(std::uint64_t token);
    /// All that are ready, as gone.
    std::vector<std::uint64_t> give_back();

    /// Delivered under that token and not settled.
    [[nodiscard]] std::optional<std::uint64_t> find(std::uint64_t token) const;
    [[nodiscard]] Held* at(std::uint64_t tag);
    /// It is settled; it stays here until it is acknowledged.
    void settled(std::uint64_t tag, Held::State state);
    /// Is to be acknowledged with the next take_acks().
    void done(std::uint64_t tag);
    void gone(std::uint64_t tag);
    /// One acknowledgement for all that are done before the first that is not, one for each other.
    std::vector<Ack> take_acks();

    /// Delivered and not settled.
    [[nodiscard]] std::size_t in_flight() const { return tags_.size(); }
    /// Settled and still on their way to another queue or back.
    [[nodiscard]] std::size_t moving() const { return held_.size() - ready_.size() - tags_.size(); }
    /// Everything, the oldest first.
    [[nodiscard]] std::vector<Held> take_all();

private:
    std::map<std::uint64_t, Held> held_;  // by delivery tag
    std::deque<std::uint64_t> ready_;
    std::unordered_map<std::uint64_t, std::uint64_t> tags_;  // by token
    std::vector<std::uint64_t> done_;
};

}  // namespace belfry::rabbitmq
