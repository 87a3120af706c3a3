/// Group commit: what arrives while a commit is under way shares the next one.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/mailbox/committed.hpp"
#include "daemon/plugin/storage.hpp"

#include <atomic>
#include <deque>
#include <vector>

namespace belfry {

struct IngestSettings {
    std::size_t queue = 8192;               ///< groups submitted and not yet stored
    std::size_t queue_bytes = 64UL << 20U;  ///< their payload
    std::size_t batch = 512;                ///< groups in a commit
    Nanos wait =
        2 * kMillisecond;  ///< the longest a group waits for company while one is under way
};

/// The only way to write. Lives on one executor; `submit` may be called on any thread.
class Ingest {
public:
    /// `core`, `storage` and `metrics` outlive this. `listener` is called before the callbacks of
    /// the groups it tells of.
    Ingest(Executor& core, Storage& storage, const Clock& clock, const IngestSettings& settings,
           Metrics& metrics, CommitListener listener);

    /// Stores the group: `done` runs on the core's executor once it is durable or has failed. If
    /// the queue is full, `done` runs at once, on the calling thread, with `unavailable` and a time
    /// to come back. Groups submitted by one thread take effect in that order, unless a commit has
    /// to be repeated.
    void submit(Group group, Callback<std::vector<OpResult>> done);

    /// Refuses further groups with `closed`; `idle` runs on the core's executor when the last is
    /// done.
    void close(Task idle);

    /// Groups in hand now. Any thread.
    [[nodiscard]] std::size_t depth() const { return depth_.load(std::memory_order_relaxed); }

private:
    struct Item {
        Group group;
        Callback<std::vector<OpResult>> done;
        std::size_t bytes = 0;
        Nanos since = 0;
        bool repeated = false;  ///< a former try had an unknown outcome
    };
    using Batch = std::shared_ptr<std::vector<Item>>;

    [[nodiscard]] bool admit(std::size_t bytes);
    void enqueue(Item item);
    void flush_later();
    void flush();
    [[nodiscard]] std::ptrdiff_t next_batch() const;
    void commit_next();
    void on_committed(const Batch& batch, Result<Committed> result);
    void announce(const std::vector<Item>& items, const Committed& committed);
    void retry_later(const Batch& batch);
    void send(const Batch& batch);
    void finish(Item& item, Result<std::vector<OpResult>> result);

    Executor& core_;
    Storage& storage_;
    const Clock& clock_;
    const IngestSettings settings_;
    CommitListener listener_;
    std::deque<Item> queue_;
    std::size_t in_flight_ = 0;
    std::size_t repeating_ =
        0;  ///< of these, with an unknown outcome: nothing new is sent meanwhile
    bool flush_posted_ = false;
    Task idle_;
    std::atomic<std::size_t> depth_{0};
    std::atomic<std::size_t> bytes_{0};
    std::atomic<bool> closed_{false};
    prometheus::Counter& stored_;
    prometheus::Counter& failed_;
    prometheus::Counter& refused_;
    prometheus::Gauge& depth_gauge_;
    prometheus::Histogram& seconds_;
};

}  // namespace belfry
