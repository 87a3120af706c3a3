/// Forgetting what is old, expired or too much.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/base/time.hpp"
#include "daemon/mailbox/ingest.hpp"

#include <cstdint>
#include <memory>

namespace belfry {

struct RetentionSettings {
    Nanos age = 0;              ///< older entries go; 0 = no bound
    std::uint64_t entries = 0;  ///< newest kept of each stream; 0 = no bound
    Nanos interval = 0;         ///< from the end of one pass over all streams to the next
};

/// Trims all streams, pass after pass, in small commits among the others. Expired entries go in any
/// case. Lives on `core`, from start() until its executor ends.
class Retention {
public:
    /// All outlive this; this outlives `core`'s tasks.
    Retention(Executor& core, Ingest& ingest, const Clock& clock, const RetentionSettings& settings,
              Metrics& metrics);

    /// On `core`'s thread, or before it runs.
    void start();

private:
    void pass_later(Nanos delay);
    void trim();
    void on_trimmed(const Result<std::vector<OpResult>>& result);

    Executor& core_;
    Ingest& ingest_;
    const Clock& clock_;
    const RetentionSettings settings_;
    bool was_failing_ = false;
    prometheus::Counter& trimmed_;
    prometheus::Counter& passes_;
};

}  // namespace belfry
