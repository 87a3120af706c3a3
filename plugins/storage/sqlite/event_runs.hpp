/// The tables in which older events are remembered.
#pragma once

#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/event_filter.hpp"
#include "plugins/storage/sqlite/event_key.hpp"

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace belfry::sqlite {

/// A run: events that never change, in blocks by the first bits of their hashes.
struct EventRun {
    std::int64_t run = 0;
    std::uint32_t level = 0;
    std::uint32_t bits = 0;
    std::uint64_t events = 0;
    std::int64_t last = 0;  ///< the largest ref in it
    std::shared_ptr<EventFilter> filter;
};

/// Reads and writes rows; what they are for is up to others. Writer thread only. SqlError from any
/// function; a damaged row is SQLITE_CORRUPT.
class EventRuns {
public:
    explicit EventRuns(SQLite::Database& database);

    /// All runs, the oldest first.
    std::vector<EventRun> load();
    /// The events of a run whose hashes begin with these bits.
    void read(const EventRun& run, std::uint64_t prefix, std::uint32_t bits,
              std::vector<Event>& events);

    void write_block(std::int64_t run, std::uint64_t block, std::span<const Event> events);
    void write_piece(std::int64_t run, std::size_t piece, const EventFilter& filter);
    /// The run is whole, and may be used.
    void add(const EventRun& run);
    /// Its blocks stay until clean().
    void remove(const EventRun& run);
    /// Removes up to `limit` blocks of runs that are gone; whether something is left.
    bool clean(std::int64_t limit);
    /// Removes what runs left that were not finished -> the largest number in use.
    std::int64_t discard_unfinished();

private:
    void load_filter(EventRun& run);
    void discard(std::int64_t first, std::int64_t last);

    Statement runs_;
    Statement numbers_;
    Statement blocks_;
    Statement pieces_;
    Statement write_block_;
    Statement write_piece_;
    Statement add_;
    Statement remove_;
    Statement gone_;
    Statement drop_run_;
    Statement drop_blocks_;
    Statement drop_pieces_;
};

}  // namespace belfry::sqlite
