/// Moves the arrivals of an older generation into the tables, a little at a time.
#pragma once

#include "plugins/storage/sqlite/arrivals.hpp"
#include "plugins/storage/sqlite/journal.hpp"
#include "plugins/storage/sqlite/streams.hpp"

#include <cstdint>
#include <vector>

namespace belfry::sqlite {

/// Stream by stream in the order of the table, so that what lies side by side is written together.
/// Writer thread only. SqlError from any function: the transaction must be rolled back, and
/// rollback() called.
class Settling {
public:
    Settling(Arrivals& arrivals, Streams& streams, Journal& journal)
        : arrivals_(arrivals), streams_(streams), journal_(journal) {}

    /// Between transactions: the young generation becomes the old one, where there is none.
    void age();
    [[nodiscard]] bool is_under_way() const { return arrivals_.old() != nullptr; }
    /// In a transaction: moves at least so many entries, or all there are.
    void work(std::uint64_t entries);
    void commit();
    void rollback();

private:
    Arrivals& arrivals_;
    Streams& streams_;
    Journal& journal_;
    std::vector<std::int64_t> plan_;  ///< streams
    std::size_t now_ = 0;             ///< how far the plan is done
    std::size_t kept_ = 0;            ///< the same, before this transaction
    bool is_done_ = false;
};

}  // namespace belfry::sqlite
