/// Reads of streams: heads, and pages of entries.
#pragma once

#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/entry_search.hpp"
#include "plugins/storage/sqlite/page_filling.hpp"
#include "plugins/storage/sqlite/snapshot.hpp"

#include <belfry/storage.hpp>

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <string>
#include <vector>

namespace belfry::sqlite {

/// One thread. All functions throw SqlError; a row that is damaged is SQLITE_CORRUPT.
class PageReader {
public:
    explicit PageReader(SQLite::Database& database);

    sdk::Head head(const Snapshot& snapshot, const std::string& stream);
    sdk::Heads streams(const Snapshot& snapshot, const std::string& after, std::uint64_t limit);
    sdk::Page page(const Snapshot& snapshot, const PageQuery& query);

private:
    struct Found {
        std::int64_t id = 0;
        std::uint64_t read_to = 0;  ///< everything up to there is read
        std::uint64_t settled = 0;  ///< the last entry with a row
        std::vector<Arrival> arrivals;
        sdk::Head head;
    };
    struct Range {
        std::uint64_t from;
        std::uint64_t to;
    };

    Found find_stream(const Snapshot& snapshot, const std::string& name);
    static Found stream_of(const Snapshot& snapshot, const Rows& rows);
    static Range range_of(const PageQuery& query, const Found& stream);
    std::int64_t ref_at(const Found& stream, std::uint64_t seq);
    /// Adds the entries of the range that the query wants; false where the page is full before.
    bool read_range(const PageQuery& query, const Found& stream, Range range, PageFilling& filling);
    bool read_rows(const PageQuery& query, const Found& stream, Range range, PageFilling& filling);
    bool read_arrivals(const PageQuery& query, const Found& stream, Range range,
                       PageFilling& filling);
    /// Where the bodies of a notification are in the range, in the order of the query. Stops after
    /// a bounded number of bodies, and then leaves in `range` what it has looked at.
    std::vector<std::uint64_t> places(const PageQuery& query, const Found& stream, Range& range);
    void read_one(const PageQuery& query, const Found& stream, PageFilling& filling);
    void read_many(const PageQuery& query, const Found& stream, PageFilling& filling);

    EntrySearch search_;
    Statement stream_;
    Statement streams_;
    Statement forward_;
    Statement backward_;
    Statement body_;
    Statement refs_;
    Statement refs_backward_;
};

}  // namespace belfry::sqlite
