#include "tests/bench/benches.hpp"
#include "tests/bench/daemon.hpp"

namespace belfry::bench {
namespace {

constexpr std::size_t kFew = 1000;
constexpr std::size_t kMany = 15000;
constexpr std::size_t kDescriptors = kMany + 100;
constexpr double kAim = 1536;  ///< bytes per session
constexpr Nanos kSettleTime = 2 * kSecond;

/// What the daemon has in memory with this many sessions that do nothing.
Result<double> measure(Poller& poller, Audience& audience, const Daemon& daemon,
                       std::size_t sessions) {
    progress("idle: attaching " + std::to_string(sessions) + " sessions");
    if (auto attached = audience.grow_to(sessions); !attached) {
        return std::unexpected(attached.error());
    }
    const Nanos settled = system_clock().monotonic() + kSettleTime;
    const auto waited = poller.run_until(
        [&] {
            poller.wake_at(settled);
            return system_clock().monotonic() >= settled;
        },
        2 * kSettleTime, "settling");
    if (!waited) {
        return std::unexpected(waited.error());
    }
    const auto bytes = daemon.resident_bytes();
    if (!bytes) {
        return std::unexpected(bytes.error());
    }
    return static_cast<double>(*bytes);
}

Result<Figures> measure_all(const Machine& machine, const Daemon& daemon) {
    Poller poller;
    Audience audience(poller, daemon.script({}));
    const auto few = measure(poller, audience, daemon, kFew);
    if (!few) {
        return std::unexpected(few.error());
    }
    const auto many = measure(poller, audience, daemon, kMany);
    if (!many) {
        return std::unexpected(many.error());
    }
    const std::string conditions =
        "resident memory at " + std::to_string(kFew) + " and " + std::to_string(kMany) +
        " attached WebSocket sessions, each another user; " + machine.describe();
    constexpr double kMebibyte = 1024 * 1024;
    return Figures{
        {"idle", "session", (*many - *few) / (kMany - kFew), "B", {"aim", kAim}, conditions},
        {"idle", "daemon_few", *few / kMebibyte, "MiB", {}, std::to_string(kFew) + " sessions"},
        {"idle", "daemon_many", *many / kMebibyte, "MiB", {}, std::to_string(kMany) + " sessions"}};
}

}  // namespace

Result<Figures> run_idle(const Machine& machine) {
    if (auto raised = raise_descriptor_limit(kDescriptors); !raised) {
        return std::unexpected(raised.error());
    }
    return with_daemon(machine,
                       [&machine](Daemon& daemon) { return measure_all(machine, daemon); });
}

}  // namespace belfry::bench
