/// Is it alive, is it ready.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/mailbox/ingest.hpp"
#include "daemon/net/loop.hpp"
#include "daemon/net/router.hpp"
#include "daemon/plugin/status.hpp"
#include "daemon/plugin/storage.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace belfry::ops {

struct HealthCheck {
    std::string name;
    bool is_ok = false;
    std::string detail;  ///< why not, or a remark
};

/// What is watched; all of it outlives Health.
struct HealthParts {
    Executor& core;
    Ingest& ingest;
    Storage& storage;
    const Clock& clock;
    Metrics& metrics;
    std::vector<const net::Loop*> loops;  ///< those with a thread of their own
    std::function<std::vector<plugin::InstanceStatus>()> instances;  ///< any thread
    std::function<std::vector<HealthCheck>()> sources;               ///< any thread
    /// What is wrong with the bus; empty where nothing is. A degraded bus makes nobody unready.
    std::function<std::string()> bus = [] { return std::string(); };
};

/// Any thread. Every few seconds a small document is committed and read back: data flows.
class Health : public std::enable_shared_from_this<Health> {
public:
    explicit Health(HealthParts parts);

    /// Begins to prove that data flows. Once.
    void start();
    /// Starts no further proof; what is under way may still complete.
    void stop() { is_stopped_.store(true); }
    /// Ready only after this: everything is started.
    void set_started() { is_started_.store(true); }
    /// Not ready any more, for good.
    void set_draining() { is_draining_.store(true); }

    /// Every loop has turned lately.
    [[nodiscard]] std::vector<HealthCheck> live();
    /// live(), and: started, not draining, storage proven lately, no required instance down,
    /// sources as they say.
    [[nodiscard]] std::vector<HealthCheck> ready();
    /// For the service manager: loops turn, and storage answered within the last minute, be it with
    /// an error: a full disk is no reason to drop every connection. Call it on the core's executor,
    /// which proves that one, too.
    [[nodiscard]] bool is_sound();

private:
    struct LoopWatch {
        const net::Loop* loop = nullptr;
        std::uint64_t turns = 0;
        Nanos seen_at = 0;  ///< when it was first seen at `turns`
    };

    void prove();
    void on_committed(Result<std::vector<OpResult>> result, Nanos value);
    void on_read(const Result<Document>& document, Nanos value, std::uint64_t version);
    void settle(std::string failure);
    [[nodiscard]] std::vector<std::size_t> stuck_loops();
    [[nodiscard]] HealthCheck storage_check();

    HealthParts parts_;
    std::atomic<bool> is_started_{false};
    std::atomic<bool> is_draining_{false};
    std::atomic<bool> is_stopped_{false};
    std::mutex mutex_;
    std::vector<LoopWatch> watches_;
    bool is_proven_ = false;
    Nanos proven_at_ = 0;   ///< monotonic; until the first proof, the time this was made
    Nanos settled_at_ = 0;  ///< monotonic; the last proof that ended, well or not
    std::string failure_ = "not proven yet";
    prometheus::Histogram& canary_seconds_;
};

/// Adds GET /livez, /readyz (with ?verbose, one line a check) and /metrics. `metrics` outlives the
/// router.
Result<> add_admin_routes(net::Router& router, const std::shared_ptr<Health>& health,
                          Metrics& metrics, const Clock& clock);

}  // namespace belfry::ops
