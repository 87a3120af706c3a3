/// One instance's place in the daemon: the daemon's side of bf_env.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/base/random.hpp"
#include "daemon/base/time.hpp"
#include "daemon/plugin/call_book.hpp"
#include "daemon/plugin/plugin_metrics.hpp"
#include "daemon/plugin/services.hpp"
#include "daemon/plugin/status.hpp"
#include "daemon/plugin/timers.hpp"
#include "daemon/plugin/violations.hpp"

#include <belfry/abi.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::plugin {

/// What all instances share. What it refers to outlives them.
struct Surroundings {
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    Executor& executor;
    std::atomic<HostServices*> services = nullptr;
};

/// Which calls of a plugin to the daemon wait for their completion. Any thread.
class HostCalls {
public:
    /// 0 where there are too many.
    std::uint64_t open(bf_done done);
    /// An empty bf_done where it is too late.
    bf_done take(std::uint64_t call);
    std::vector<bf_done> take_all();

private:
    std::mutex mutex_;
    std::map<std::uint64_t, bf_done> open_;
    std::uint64_t last_ = 0;
};

}  // namespace belfry::plugin

/// Any thread, unless said otherwise. A plugin that still uses it after its instance has stopped
/// gets nothing done, and is reported.
struct bf_env : public std::enable_shared_from_this<bf_env> {
public:
    using Nanos = belfry::Nanos;

    bf_env(std::shared_ptr<belfry::plugin::Surroundings> surroundings, std::string instance,
           std::string plugin);
    bf_env(const bf_env&) = delete;
    bf_env& operator=(const bf_env&) = delete;
    ~bf_env() = default;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& plugin() const { return plugin_; }
    [[nodiscard]] belfry::plugin::Surroundings& surroundings() { return *surroundings_; }
    [[nodiscard]] belfry::plugin::Violations& violations() { return violations_; }
    [[nodiscard]] belfry::plugin::CallBook& calls() { return calls_; }
    [[nodiscard]] belfry::plugin::PluginMetrics& metrics() { return metrics_; }

    // ---- what the plugin asks for: behind the functions of bf_host
    // -------------------------------------
    void log(std::uint32_t level, bf_str event, std::span<const bf_pair> fields);
    void set_health(std::uint32_t state, bf_str reason);
    using Run = void (*)(void* ctx, std::uint32_t is_live);
    void post(void* ctx, Run run);
    bf_timer* set_timer(Nanos delay, void* ctx, Run run);
    bool cancel_timer(bf_timer* timer);
    void ingest(const bf_event* event, bf_done done);
    void call(const bf_call* call, bf_done done);
    void transaction(const bf_call* calls, std::uint64_t count, bf_done done);
    /// True, and reported, where the instance has stopped: such a call does nothing.
    bool is_late(std::string_view call);
    /// Completes at once.
    static void refuse(bf_done done, belfry::Code code, std::string_view message);

    // ---- what the host does with it
    // --------------------------------------------------------------------
    /// The instance is about to be stopped: its calls to the daemon are answered with BF_CLOSED,
    /// and so are new ones; its timers are given back to it. On the executor.
    void stopping();
    /// The instance has stopped: from now on nothing of the plugin runs. On the executor.
    void over();
    /// Stays in memory for good, with these, since a plugin that could not be stopped may still use
    /// them.
    void keep(std::vector<std::shared_ptr<void>> others) {
        kept_ = std::move(others);
        kept_.push_back(shared_from_this());
    }
    [[nodiscard]] belfry::plugin::Health health(std::string& reason) const;

private:
    enum class Phase : std::uint8_t { live, stopping, over };

    /// Runs `run` on the executor unless the instance has stopped by then.
    void post_task(belfry::Task run);
    /// A call of the plugin that the daemon's services may take; 0, and answered, where they may
    /// not.
    std::uint64_t open_call(std::string_view what, bf_done done);
    /// What completes such a call, on the executor.
    belfry::Callback<std::string> answer(std::uint64_t call);
    void finish(std::uint64_t call, const bf_result& result, const void* value);

    const std::string name_;
    const std::string plugin_;
    const std::shared_ptr<belfry::plugin::Surroundings> surroundings_;
    belfry::plugin::Violations violations_;
    belfry::plugin::CallBook calls_;
    belfry::plugin::PluginMetrics metrics_;
    const std::shared_ptr<belfry::plugin::Timers> timers_;
    belfry::plugin::HostCalls host_calls_;
    std::atomic<Phase> phase_ = Phase::live;
    std::vector<std::shared_ptr<void>> kept_;

    mutable std::mutex health_mutex_;
    belfry::plugin::Health health_ = belfry::plugin::Health::ok;
    std::string health_reason_;
    prometheus::Gauge& health_gauge_;
};
