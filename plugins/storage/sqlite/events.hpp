/// Which events were stored before.
#pragma once

#include "plugins/storage/sqlite/bodies.hpp"
#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/event_key.hpp"
#include "plugins/storage/sqlite/event_runs.hpp"
#include "plugins/storage/sqlite/recent_events.hpp"
#include "plugins/storage/sqlite/run_builder.hpp"

#include <belfry/storage.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace belfry::sqlite {

/// The newest are in memory, and their bodies say what they are after a restart; the others are in
/// runs, each of which has a filter in memory. So a new event costs no read of the database and no
/// write beside its body. Writer thread only. SqlError from any function: the transaction must be
/// rolled back, and rollback() called.
class Events {
public:
    /// Keeps `recent` events in memory before they become a run. Reads those that are in none.
    Events(SQLite::Database& database, Bodies& bodies, std::size_t recent);

    struct Known {
        std::int64_t ref = 0;
        bool same_content = false;
    };
    /// The body the event became.
    std::optional<Known> find(const bf_op_append& op);
    void add(const bf_op_append& op, std::int64_t ref);
    void add(std::string_view source, std::string_view id, std::int64_t ref);

    /// No event's body has a larger ref, nor had one. New bodies must be above.
    [[nodiscard]] std::int64_t last_ref() const { return last_ref_; }

    void begin();
    void begin_group() { group_ = {young_.size(), last_ref_}; }
    void undo_group() { go_back(group_); }
    /// In a transaction that is about to end: moves events on into runs, about so many.
    void work(std::uint64_t events);
    /// work() would have something to do.
    [[nodiscard]] bool has_work() const;
    void commit();
    void rollback();

private:
    /// What there was at a time.
    struct Mark {
        std::size_t young = 0;
        std::int64_t last_ref = 0;
    };

    void go_back(const Mark& mark);
    void start_work();
    void flush(std::uint64_t events);
    void merge(std::uint64_t events);
    std::int64_t oldest();
    std::optional<Known> check(const bf_op_append& op, std::int64_t ref);

    SQLite::Database& database_;
    Bodies& bodies_;
    const std::size_t recent_;
    EventKey key_;
    EventRuns runs_;
    Statement body_;
    Statement remember_;
    std::vector<EventRun> all_;
    RecentEvents young_;
    std::optional<RecentEvents> old_;  ///< on their way into a run
    std::optional<RunBuilder> flush_;
    std::optional<RunBuilder> merge_;
    std::vector<EventRun> merged_;  ///< what merge_ takes the place of
    bool is_flushed_ = false;       ///< by this transaction
    bool is_merged_ = false;
    bool is_unclean_ = false;
    std::int64_t last_ref_ = 0;
    std::int64_t last_run_ = 0;
    Mark begin_;
    Mark group_;
    std::vector<std::int64_t> refs_;
};

}  // namespace belfry::sqlite
