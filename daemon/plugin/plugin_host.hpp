/// Finds, checks, loads and runs plugins.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/executor.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/base/random.hpp"
#include "daemon/base/time.hpp"
#include "daemon/config/environment.hpp"
#include "daemon/config/profile.hpp"
#include "daemon/plugin/app.hpp"
#include "daemon/plugin/broker.hpp"
#include "daemon/plugin/services.hpp"
#include "daemon/plugin/status.hpp"
#include "daemon/plugin/storage.hpp"
#include "daemon/plugin/transport.hpp"
#include "daemon/plugin/values.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::plugin {

struct HostSettings {
    std::vector<std::string> directories;  ///< absolute; the first that has a plugin wins
    /// Run as `<probe_program> probe FILE [NAME]`; see probe.hpp.
    std::string probe_program = "/proc/self/exe";
    Nanos probe_time = 10 * kSecond;
    Nanos start_time = 60 * kSecond;
    Nanos stop_time = 10 * kSecond;
};

/// What the plugin host itself works with; all of it outlives the host.
struct HostParts {
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    /// Plugins' posts, timers and completions run here, and so do the callbacks of this class.
    Executor& executor;
    const config::Environment& environment;
};

/// One per process. `load` and `serve` come first, on one thread, before others call; everything
/// else may be called on any thread. Destroy it after `stop` has called back, with the executor at
/// rest.
class PluginHost {
public:
    PluginHost(HostSettings settings, const HostParts& parts);
    PluginHost(const PluginHost&) = delete;
    PluginHost& operator=(const PluginHost&) = delete;
    ~PluginHost();

    /// Finds, probes, loads, checks and creates the instances of one kind. Blocks for the probes.
    /// An error names every required instance that failed, a line each (the process exits 78); an
    /// optional one that fails is in `status` and in the log. `kinds`: what the section of the
    /// profile takes.
    Result<void> load(std::span<const config::InstanceConfig> instances,
                      std::span<const Kind> kinds);
    /// All sections of a profile.
    Result<void> load(const config::Profile& profile);

    /// What ingest, call and transaction reach; until then they answer `unavailable`.
    void serve(HostServices& services);

    /// Starts what is loaded and of one of these kinds, one after the other, in the order loaded.
    /// `done` has an error where a required instance failed; the others are started all the same.
    void start(std::vector<Kind> kinds, Callback<> done);
    /// The rest: whatever is loaded and not started, in the order storage, broker, push, transport,
    /// app.
    void start_all(Callback<> done);
    /// Instances take nothing new and finish what is there, until `deadline` (wall clock) at the
    /// latest.
    void drain_all(Nanos deadline, Task done);
    /// In the reverse order of starting. Nothing of a plugin runs after its stop. What is still
    /// waiting for an answer gets Code::closed.
    void stop_all(Task done);

    /// nullptr where there is none. The adapters live as long as this; calls to an instance that is
    /// not started end with Code::closed or Code::unavailable.
    [[nodiscard]] Storage* storage() const;
    /// In the order loaded.
    [[nodiscard]] std::vector<Storage*> storages() const;
    [[nodiscard]] Broker* broker(std::string_view name) const;
    [[nodiscard]] std::vector<Transport*> transports() const;
    [[nodiscard]] std::vector<App*> apps() const;

    [[nodiscard]] std::vector<InstanceStatus> status() const;
    /// The worst health: a required instance that failed is down, an optional one degraded.
    [[nodiscard]] Health health() const;
    /// Instances first, then everything else found in the directories, probed. Blocks.
    [[nodiscard]] std::vector<PluginRow> describe() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace belfry::plugin
