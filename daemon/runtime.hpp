/// A running daemon.
#pragma once

#include "daemon/doors.hpp"
#include "daemon/engine.hpp"
#include "daemon/host_services.hpp"
#include "daemon/live/belfry_v1.hpp"
#include "daemon/live/bus.hpp"
#include "daemon/live/presence.hpp"
#include "daemon/mailbox/retention.hpp"
#include "daemon/mailbox/sources.hpp"
#include "daemon/ops/systemd.hpp"
#include "daemon/plugin/plugin_host.hpp"

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace belfry {

namespace net {
class CoreThread;
}

/// Everything a daemon consists of, made from a profile. `start` and `stop` block; both on one
/// thread.
class Runtime {
public:
    Runtime(config::Profile profile, const config::Environment& environment);
    ~Runtime();

    /// Loads, starts and opens everything, in the order of dependence. `invalid` and `refused`: the
    /// configuration cannot work (exit code 78); other codes: something it needs is not there.
    Result<> start();
    /// DESIGN 10: unready first, then no new work, finish what is in hand, say goodbye to sessions,
    /// end. Nothing that was acknowledged is lost. `is_hurried` says that a second signal came: no
    /// more waiting for sessions.
    void stop(const std::function<bool()>& is_hurried);

    [[nodiscard]] const Doors& doors() const { return *doors_; }

private:
    Result<> start_plugins();
    Result<> check_storage();
    Result<> make_parts();
    void make_ingest();
    /// -> what sessions tell; empty where presence is not enabled.
    live::Attendance make_presence();
    Result<> open_doors();
    Result<> start_bus();
    Result<> start_sources();
    Result<> start_source(const config::SourceConfig& section);
    void stop_sources();
    /// Its broker is required.
    [[nodiscard]] bool is_needed(const config::SourceConfig& section) const;
    [[nodiscard]] std::vector<ops::HealthCheck> check_sources() const;
    [[nodiscard]] std::string broker_trouble(const std::string& broker) const;
    void serve_on(Nanos until, const std::function<bool()>& is_hurried) const;
    void drain_sessions(Nanos until, const std::function<bool()>& is_hurried) const;
    void finish_work(Nanos until);
    void stop_plugins(Nanos until);

    const config::Profile profile_;
    const config::Environment& environment_;
    Metrics metrics_;
    std::unique_ptr<net::CoreThread> core_;
    std::unique_ptr<plugin::PluginHost> plugins_;
    std::unique_ptr<Ingest> ingest_;
    std::unique_ptr<Mailbox> mailbox_;
    std::unique_ptr<Retention> retention_;
    Sources sources_;
    std::map<std::string, std::string> source_configs_;  ///< by name; may hold secrets
    std::unique_ptr<Identity> identity_;
    std::unique_ptr<ops::Operations> operations_;
    std::unique_ptr<ops::AppDoor> app_door_;
    std::unique_ptr<PluginServices> services_;
    std::shared_ptr<ops::Health> health_;
    live::BelfryV1 belfry_v1_;
    std::unique_ptr<live::Presence> presence_;  ///< nothing where it is not enabled
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<live::Bus> bus_;  ///< nothing where the profile has none
    std::unique_ptr<Doors> doors_;
    std::shared_ptr<ops::Watchdog> watchdog_;
    bool is_stopped_ = false;
};

}  // namespace belfry
