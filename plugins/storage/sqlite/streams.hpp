/// The writer's view of the table `streams`, and the places it gives.
#pragma once

#include "plugins/storage/sqlite/arrivals.hpp"
#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/new_rows.hpp"

#include <belfry/host.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace belfry::sqlite {

/// BF_STATE_READ, BF_STATE_ARCHIVED, BF_STATE_SEEN, by the number of the bit.
constexpr std::size_t kStateBits = 3;

struct Stream {
    std::int64_t id = 0;  ///< 0: is not in the database
    std::uint64_t epoch = 0;
    std::uint64_t head = 0;
    std::uint64_t settled = 0;  ///< the last entry with a row; those behind are arrivals
    std::uint64_t earliest = 1;
    std::uint64_t unread = 0;
    std::uint64_t arrived = 0;                       ///< of `unread`, those without a row
    std::array<std::uint64_t, kStateBits> marked{};  ///< all up to there have the bit
    bool fresh = false;                              ///< has no row yet
    bool dirty = false;
    const std::string* name = nullptr;
};

/// How much there is.
struct Totals {
    std::uint64_t streams = 0;
    std::uint64_t entries = 0;
};

/// Keeps the state of streams between transactions and writes what changed once for each
/// transaction, so that an append costs neither a SELECT nor an UPDATE of its own. Writer thread
/// only. SqlError from any function: the transaction must be rolled back, and rollback()
/// called.
class Streams {
public:
    Streams(SQLite::Database& database, Arrivals& arrivals, sdk::Env env);

    /// Null where there is no such stream. Valid until trim_cache(), rollback() or forget().
    Stream* find(std::string_view name);
    Stream* find(std::int64_t id);
    /// Makes the stream where it is not there.
    Stream& obtain(std::string_view name);
    /// Gives an entry the next place.
    std::uint64_t place(Stream& stream, std::uint32_t kind);
    /// Before any other change of a stream or its entries: gives its arrivals their rows.
    void touch(Stream& stream);
    /// The same, where nothing looks at the rows before flush() or flush_entries().
    void settle(Stream& stream);
    void flush_entries();
    /// Entries went from the tail.
    void count_removed(std::uint64_t entries) { totals_.entries -= entries; }
    [[nodiscard]] std::uint64_t new_epoch();
    /// Gives the stream another id, under which nothing is stored yet.
    void renumber(Stream& stream);

    /// Between these, changes can be taken back.
    void begin_group(bool undoable);
    void undo_group();

    /// Gives the arrivals of the streams that got places in this transaction their rows, where no
    /// more than `most` were given; else it does nothing and is false.
    bool settle_placed(std::size_t most);
    /// Writes what changed.
    void flush();
    /// Between transactions: keeps the memory bounded.
    void trim_cache();
    /// Before a transaction.
    void begin();
    /// The transaction was rolled back.
    void rollback();
    /// Another wrote: nothing known is true any more. In a transaction.
    void forget();
    [[nodiscard]] const Totals& totals() const { return totals_; }

private:
    struct Hash {
        using is_transparent = void;  // NOLINT(readability-identifier-naming)
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    Stream* keep(const Rows& row);
    void add_arrivals(Stream& stream);
    void note_change(Stream& stream);
    void set_dirty(Stream& stream);
    void write(const Stream& stream);
    std::int64_t new_id();
    void count();
    void drop_cache();

    sdk::Env env_;
    SQLite::Database& database_;
    Arrivals& arrivals_;
    Statement by_name_;
    Statement by_id_;
    Statement insert_;
    Statement update_;
    Statement renumber_;
    NewEntries new_entries_;
    Statement insert_entries_;
    std::unordered_map<std::string, Stream, Hash, std::equal_to<>> cache_;
    std::vector<Stream*> dirty_;
    std::vector<std::pair<Stream*, Stream>> undo_;
    bool undoable_ = false;
    std::vector<Stream*> placed_;
    Totals totals_;
    Totals undo_totals_;
    Totals begin_totals_;
    std::int64_t next_id_ = 0;  ///< 0: to be looked up
    std::array<std::uint8_t, 4000> random_{};
    std::size_t random_used_;
};

}  // namespace belfry::sqlite
