/// Reads, each in a snapshot of its own.
#pragma once

#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/document_reader.hpp"
#include "plugins/storage/sqlite/entries.hpp"

#include <belfry/storage.hpp>

#include <SQLiteCpp/Database.h>

#include <string>
#include <vector>

namespace belfry::sqlite {

/// A query that owns its text.
struct PageQuery {
    std::string stream, notification_id, type;
    bool backward = false;
    std::uint64_t after = 0, limit = 0, max_bytes = 0;
    std::uint32_t state_mask = 0, state_want = 0;
};

/// A read-only connection with its statements. One thread. All functions throw SqlError.
class Reader {
public:
    explicit Reader(const std::string& path);

    sdk::Page page(const PageQuery& query);
    sdk::Heads heads(const std::vector<std::string>& streams);
    sdk::Heads streams(const std::string& after, std::uint64_t limit);
    sdk::Cursors cursors(const std::string& stream);
    sdk::Jobs jobs(const std::string& queue, std::uint32_t state, const std::string& after,
                   std::uint64_t limit);
    sdk::StorageStats stats();
    [[nodiscard]] DocumentReader& documents() { return documents_; }

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
    void read_one(const PageQuery& query, const Found& stream, sdk::Page& page);
    void read_many(const PageQuery& query, const Found& stream, sdk::Page& page);
    static sdk::Head head_of(const Rows& rows, int first);
    static sdk::Entry entry_of(const Rows& rows, const Found& stream);

    SQLite::Database database_;
    EntrySearch search_;
    DocumentReader documents_;
    Statement stream_;
    Statement streams_;
    Statement forward_;
    Statement backward_;
    Statement refs_;
    Statement cursors_;
    Statement jobs_;
    Statement dead_jobs_;
    Statement stats_;
};

}  // namespace belfry::sqlite
