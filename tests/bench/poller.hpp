/// The one thread that makes the load.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"
#include "daemon/net/socket.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace belfry::bench {

/// Something with a descriptor in a poller.
class Watched {
public:
    Watched() = default;
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    virtual ~Watched() = default;
    /// `events` as epoll tells them.
    virtual void on_ready(std::uint32_t events) = 0;
};

/// Level-triggered epoll. SIGINT and SIGTERM are a failure of what is waited for, so that
/// everything that was started is ended in order.
class Poller {
public:
    Poller();

    /// `target` outlives its descriptor's place here, which ends with the descriptor.
    void watch(int descriptor, Watched& target, bool is_writing);
    void change(int descriptor, Watched& target, bool is_writing);

    /// Ends the wait that is under way, and every later one.
    void fail(Error error);
    /// Turns until `is_done`, which is asked once per turn. `unavailable` naming `what` after
    /// `limit`.
    Result<> run_until(const std::function<bool()>& is_done, Nanos limit, std::string_view what);
    /// The wait that is under way turns again at this monotonic time at the latest.
    void wake_at(Nanos time) { wake_at_ = time; }

private:
    void turn(Nanos deadline);

    net::Socket epoll_;
    net::Socket signals_;
    std::optional<Error> failure_;
    Nanos wake_at_ = INT64_MAX;
};

}  // namespace belfry::bench
