/// Answers that are waited for without a thread: each has a subject of its own in one inbox.
#pragma once

#include "plugins/broker/nats/link.hpp"
#include "plugins/broker/nats/loop.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace belfry::nats {

/// On the loop, except new_reply().
class Confirms {
public:
    /// The answer; nothing where none came in time or the connection was lost.
    using Handler = std::move_only_function<void(Message answer)>;

    Confirms(Loop& loop, std::int64_t timeout);

    /// Throws sdk::Failure (unavailable).
    void attach(Link& link);
    /// No answer will come to anything.
    void detach();
    /// A subject that nobody else is given. Any thread.
    [[nodiscard]] std::string new_reply();
    /// Calls `handler` with what comes to `reply`, from new_reply().
    void expect(const std::string& reply, Handler handler);
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

private:
    struct Waiting {
        Loop::Clock::time_point until;
        Handler handler;
    };

    [[nodiscard]] std::uint64_t number_of(std::string_view reply) const;
    void answered(Message message);
    void watch();
    void expire();

    Loop& loop_;
    const Loop::Clock::duration timeout_;
    std::string inbox_;
    std::atomic<std::uint64_t> last_ = 0;
    std::map<std::uint64_t, Waiting> waiting_;  // by number: nearly by time
    bool is_watching_ = false;
    Link::Subscribed subscribed_;
};

}  // namespace belfry::nats
