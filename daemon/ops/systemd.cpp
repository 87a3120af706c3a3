#include "daemon/ops/systemd.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <utility>

namespace belfry::ops {
namespace {

/// One line of the protocol cannot hold another.
std::string one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

void notify(const std::string& message) { sd_notify(0, message.c_str()); }

}  // namespace

void notify_ready(const std::string& status) { notify("READY=1\nSTATUS=" + one_line(status)); }

void notify_stopping(const std::string& status) {
    notify("STOPPING=1\nSTATUS=" + one_line(status));
}

void notify_status(const std::string& status) { notify("STATUS=" + one_line(status)); }

void notify_reloading(Nanos monotonic) {
    notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic / 1000));
}

void Watchdog::start() {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) > 0) {
        interval_ = static_cast<Nanos>(microseconds) * 1000 / 2;
        core_.post([self = shared_from_this()] { self->feed(); });
    }
}

void Watchdog::feed() {
    if (is_stopped_) {
        return;
    }
    if (is_sound_()) {
        notify("WATCHDOG=1");
    }
    core_.after(interval_, [self = shared_from_this()] { self->feed(); });
}

}  // namespace belfry::ops
