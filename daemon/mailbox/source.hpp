/// A durable consumption from a broker into the mailboxes.
#pragma once

#include "daemon/base/metrics.hpp"
#include "daemon/base/random.hpp"
#include "daemon/mailbox/source_intake.hpp"
#include "daemon/mailbox/source_metrics.hpp"
#include "daemon/plugin/broker.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace belfry {

struct SourceSettings {
    SourceConfig consumed;
    std::string broker;  ///< its name in the profile
    config::EnvelopeSettings envelope;
    Nanos stall = 60 * kSecond;
};

/// What a source works with; all of it outlives the source, and the source `core`'s tasks.
struct SourceParts {
    Broker& broker;
    Mailbox& mailbox;
    Executor& core;
    const Clock& clock;
    Random& random;
    Metrics& metrics;
};

struct SourceStatus {
    bool is_standing = false;  ///< the broker says that the subscription stands
    bool is_paused = false;    ///< the storage is full or away
    std::string reason;        ///< why it does not stand
};

/// Keeps the subscription: a `consume` that fails is repeated with growing, random delay, for ever.
/// Every few seconds the broker is asked how it goes; where messages wait at the broker and nothing
/// has moved for `stall`, the source is cancelled and consumed anew. On one executor, except
/// `status`.
class Source {
public:
    Source(SourceParts parts, SourceSettings settings);

    /// Once. `done` is called after the first try: with its error where it is of a kind that will
    /// not pass by itself (`invalid`, `not_found` ...), and the source is over; else with success,
    /// also where the broker cannot be reached yet.
    void start(Callback<> done);
    /// No further message is taken; `done` runs when the broker has said so.
    void stop(Callback<> done);

    [[nodiscard]] const std::string& name() const { return settings_.consumed.name; }
    [[nodiscard]] const std::string& broker_name() const { return settings_.broker; }
    [[nodiscard]] Broker& broker() const { return parts_.broker; }
    /// Any thread.
    [[nodiscard]] SourceStatus status() const;

private:
    enum class Phase : std::uint8_t { idle, consuming, standing, waiting, cancelling };

    void consume();
    void on_consumed(const Result<>& consumed);
    void consume_later(const std::string& reason);
    void cancel();
    void on_cancelled();
    void end();
    void watch();
    void on_stats(const Result<SourceStats>& stats);
    [[nodiscard]] bool is_stalled(const SourceStats& stats);
    void set_phase(Phase phase, std::string reason = {});

    const SourceParts parts_;
    const SourceSettings settings_;
    SourceIntake intake_;
    SourceMetrics metrics_;
    Phase phase_ = Phase::idle;
    bool is_stopping_ = false;
    Callback<> started_;  ///< until the first try has ended
    Callback<> stopped_;
    Nanos step_;                ///< the longest delay of the next try
    std::uint64_t steps_ = 0;   ///< of the intake, when it was last seen to move
    Nanos moved_at_ = 0;        ///< monotonic: then
    mutable std::mutex mutex_;  ///< of status_
    SourceStatus status_;
};

}  // namespace belfry
