/// A plugin instance's timers.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/base/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace belfry::plugin {

/// Rings on the executor, at most one of its tasks per distinct earliest time, so that timers set
/// and cancelled in great number do not pile up there. Any thread. Handles are numbers: a stale one
/// is harmless.
class Timers : public std::enable_shared_from_this<Timers> {
public:
    Timers(Executor& executor, const Clock& clock) : executor_(executor), clock_(clock) {}

    /// `run` gets true when the time has come, or false, at once or later, where it never will,
    /// because of close(). Never 0.
    std::uint64_t set(Nanos delay, std::function<void(bool is_live)> run);
    /// False where it is too late.
    bool cancel(std::uint64_t handle);
    /// Runs all with false, and takes no more.
    void close();

private:
    struct Timer {
        std::uint64_t handle;
        std::function<void(bool is_live)> run;
    };
    using ByTime = std::multimap<Nanos, Timer>;

    void arm(Nanos now, Nanos due);
    void ring();

    Executor& executor_;
    const Clock& clock_;
    std::mutex mutex_;
    ByTime timers_;
    std::unordered_map<std::uint64_t, ByTime::iterator> by_handle_;
    std::uint64_t last_ = 0;
    Nanos armed_ = INT64_MAX;  ///< the earliest time at which `ring` will look
    bool is_closed_ = false;
};

}  // namespace belfry::plugin
