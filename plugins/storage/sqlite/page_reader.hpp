/// Reads of streams: heads, and pages of entries.
#pragma once

#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/entry_search.hpp"

#include <belfry/storage.hpp>

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <string>
#include <vector>

namespace belfry::sqlite {

/// A query that owns its text.
struct PageQuery {
    std::string stream, notification_id, type;
    bool backward = false;
    std::uint64_t after = 0, limit = 0, max_bytes = 0;
    std::uint32_t state_mask = 0, state_want = 0;

    /// Entries may be left out.
    [[nodiscard]] bool is_filtered() const {
        return state_mask != 0 || state_want != 0 || !type.empty();
    }
};

/// One thread, inside of a snapshot. All functions throw SqlError.
class PageReader {
public:
    explicit PageReader(SQLite::Database& database);

    sdk::Head head(const std::string& stream) { return find_stream(stream).head; }
    sdk::Heads streams(const std::string& after, std::uint64_t limit);
    sdk::Page page(const PageQuery& query);

private:
    struct Found {
        std::int64_t id = 0;
        std::uint64_t read_to = 0;  ///< everything up to there is read
        sdk::Head head;
    };
    struct Range {
        std::uint64_t from;
        std::uint64_t to;
    };

    Found find_stream(const std::string& name);
    static Range range_of(const PageQuery& query, const Found& stream);
    Rows entries(const PageQuery& query, const Found& stream, Range range, std::uint64_t limit);
    /// Where the bodies of a notification are in the range, in the order of the query. Stops after
    /// a bounded number of bodies, and then leaves in `range` what it has looked at.
    std::vector<std::uint64_t> places(const PageQuery& query, const Found& stream, Range& range);
    void read_one(const PageQuery& query, const Found& stream, sdk::Page& page);
    void read_many(const PageQuery& query, const Found& stream, sdk::Page& page);
    static sdk::Head head_of(const Rows& rows, int first);
    static sdk::Entry entry_of(const Rows& rows, const Found& stream);

    EntrySearch search_;
    Statement stream_;
    Statement streams_;
    Statement forward_;
    Statement backward_;
    Statement ref_at_;
    Statement refs_;
    Statement refs_backward_;
};

}  // namespace belfry::sqlite
