/// Makes a run out of events in memory or out of other runs, a little at a time.
#pragma once

#include "plugins/storage/sqlite/event_runs.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace belfry::sqlite {

/// Where a builder takes events from: by the first bits of their hashes.
class EventSource {
public:
    EventSource() = default;
    EventSource(const EventSource&) = delete;
    EventSource& operator=(const EventSource&) = delete;
    virtual ~EventSource() = default;

    virtual void read(EventRuns& runs, std::uint64_t prefix, std::uint32_t bits,
                      std::vector<Event>& events) = 0;
};

/// Events in memory, put in order for `bits` bits.
class MemorySource : public EventSource {
public:
    MemorySource(const std::vector<Event>& events, std::uint32_t bits);
    void read(EventRuns& runs, std::uint64_t prefix, std::uint32_t bits,
              std::vector<Event>& events) override;

private:
    std::vector<std::size_t> ends_;  ///< of each prefix
    std::vector<Event> events_;
};

class RunSource : public EventSource {
public:
    explicit RunSource(std::vector<EventRun> runs) : runs_(std::move(runs)) {}
    void read(EventRuns& runs, std::uint64_t prefix, std::uint32_t bits,
              std::vector<Event>& events) override;

private:
    std::vector<EventRun> runs_;
};

/// How many bits the blocks of a run of so many events go by.
std::uint32_t bits_for(std::uint64_t events);

/// Writer thread only. SqlError from step(): call rollback().
class RunBuilder {
public:
    /// `run`: what becomes of it; `events` of it are at most expected. Reads the source by
    /// `source_bits`.
    RunBuilder(EventRun run, std::unique_ptr<EventSource> source, std::uint32_t source_bits);

    /// In a transaction: goes on with at least `events` of them, without those whose body is older
    /// than `oldest`. True when the run is whole.
    bool step(EventRuns& runs, std::uint64_t events, std::int64_t oldest);
    /// Of the transactions in which step() was called.
    void commit() { kept_ = now_; }
    void rollback() { now_ = kept_; }

    [[nodiscard]] const EventRun& run() const { return run_; }

private:
    struct Progress {
        std::uint64_t prefix = 0;
        std::size_t piece = 0;
    };

    std::size_t build(EventRuns& runs, std::int64_t oldest);

    EventRun run_;
    std::unique_ptr<EventSource> source_;
    std::uint32_t source_bits_;
    Progress now_;
    Progress kept_;
    std::vector<Event> events_;
};

}  // namespace belfry::sqlite
