/// The service manager's side of being a daemon (sd_notify(3)). Without NOTIFY_SOCKET all of it
/// does nothing.
#pragma once

#include "daemon/base/executor.hpp"

#include <functional>
#include <memory>
#include <string>

namespace belfry::ops {

void notify_ready(const std::string& status);
void notify_stopping(const std::string& status);
void notify_status(const std::string& status);
/// RELOADING=1 with the monotonic time, as Type=notify-reload wants it; followed by notify_ready.
void notify_reloading(Nanos monotonic);

/// Feeds the service manager's watchdog from `core` at half its interval, as long as `is_sound`
/// says so. Does nothing where the service manager asks for none.
class Watchdog : public std::enable_shared_from_this<Watchdog> {
public:
    Watchdog(Executor& core, std::function<bool()> is_sound)
        : core_(core), is_sound_(std::move(is_sound)) {}

    void start();
    /// The core's executor.
    void stop() { is_stopped_ = true; }

private:
    void feed();

    Executor& core_;
    std::function<bool()> is_sound_;
    Nanos interval_ = 0;
    bool is_stopped_ = false;
};

}  // namespace belfry::ops
