#include "daemon/plugin/env.hpp"

#include "daemon/base/log.hpp"
#include "daemon/plugin/abi_values.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace log = belfry::log;
using belfry::plugin::Health;
using belfry::plugin::view;

namespace {

constexpr std::size_t kMostFields = 64;
constexpr std::size_t kMaxLogText = 4096;
constexpr std::size_t kMaxReason = 1024;

log::Level to_level(std::uint32_t level) {
    switch (level) {
        case BF_LOG_DEBUG: return log::Level::debug;
        case BF_LOG_INFO: return log::Level::info;
        case BF_LOG_WARNING: return log::Level::warning;
        default: return log::Level::error;
    }
}

}  // namespace

bf_env::bf_env(std::shared_ptr<belfry::plugin::Surroundings> surroundings, std::string instance,
               std::string plugin)
    : name_(std::move(instance)), plugin_(std::move(plugin)),
      surroundings_(std::move(surroundings)), violations_(name_, plugin_, surroundings_->metrics),
      calls_(violations_), metrics_(name_, surroundings_->metrics, violations_),
      timers_(
          std::make_shared<belfry::plugin::Timers>(surroundings_->executor, surroundings_->clock)),
      health_gauge_(surroundings_->metrics.gauge(
          "belfry_plugin_health", "Health of a plugin instance: 0 ok, 1 degraded, 2 down",
          {{"instance", name_}, {"plugin", plugin_}})) {}

bool bf_env::is_late(std::string_view call) {
    if (phase_.load(std::memory_order_acquire) != Phase::over) {
        return false;
    }
    violations_.report(call, "called after the instance had stopped");
    return true;
}

void bf_env::log(std::uint32_t level, bf_str event, std::span<const bf_pair> fields) {
    std::vector<log::Field> all{{"instance", name_}, {"plugin", plugin_}};
    for (const bf_pair& field : fields.first(std::min(fields.size(), kMostFields))) {
        all.emplace_back(view(field.name).substr(0, kMaxLogText),
                         view(field.value).substr(0, kMaxLogText));
    }
    log::write(to_level(level), view(event).substr(0, kMaxLogText), all);
}

void bf_env::set_health(std::uint32_t state, bf_str reason) {
    const auto health = static_cast<Health>(std::min(state, BF_HEALTH_DOWN));
    {
        const std::scoped_lock lock(health_mutex_);
        const auto why = view(reason).substr(0, kMaxReason);
        if (health == health_ && why == health_reason_) {
            return;
        }
        health_ = health;
        health_reason_ = why;
    }
    health_gauge_.Set(static_cast<double>(health));
    log::write(health == Health::ok ? log::Level::info : log::Level::warning,
               "plugin instance changed its health",
               std::vector<log::Field>{{"instance", name_},
                                       {"plugin", plugin_},
                                       {"health", belfry::plugin::name_of(health)},
                                       {"reason", view(reason).substr(0, kMaxReason)}});
}

Health bf_env::health(std::string& reason) const {
    const std::scoped_lock lock(health_mutex_);
    reason = health_reason_;
    return health_;
}

void bf_env::post_task(belfry::Task run) {
    surroundings_->executor.post([self = shared_from_this(), run = std::move(run)]() mutable {
        if (self->phase_.load(std::memory_order_acquire) != Phase::over) {
            run();
        }
    });
}

void bf_env::post(void* ctx, Run run) {
    if (run != nullptr && !is_late("post")) {
        post_task([ctx, run] { run(ctx, 1); });
    }
}

bf_timer* bf_env::set_timer(Nanos delay, void* ctx, Run run) {
    if (run == nullptr || is_late("timer")) {
        return nullptr;
    }
    const std::uint64_t handle =
        timers_->set(delay, [ctx, run](bool is_live) { run(ctx, is_live ? 1 : 0); });
    // A number that is never followed. NOLINTNEXTLINE(performance-no-int-to-ptr)
    return reinterpret_cast<bf_timer*>(handle);
}

bool bf_env::cancel_timer(bf_timer* timer) {
    return timers_->cancel(reinterpret_cast<std::uintptr_t>(timer));
}

void bf_env::stopping() {
    phase_.store(Phase::stopping, std::memory_order_release);
    for (const bf_done& done : host_calls_.take_all()) {
        refuse(done, belfry::Code::closed, "the instance is being stopped");
    }
    timers_->close();
}

void bf_env::over() {
    phase_.store(Phase::over, std::memory_order_release);
    calls_.close();
}
