#include "plugins/storage/sqlite/reader.hpp"

#include <algorithm>

namespace belfry::sqlite {

namespace {

constexpr std::uint64_t kMaxRows = 10'000;
constexpr std::size_t kMaxJobBytes = 64U << 20U;

/// The state stands in the text, so that the index of the dead can serve.
std::string job_query(std::string_view state) {
    return "SELECT id, lane, due, attempt, lease, payload, reason FROM jobs WHERE queue = ? AND " +
           std::string(state) + " AND id > ? ORDER BY id LIMIT ?";
}

std::string cursor_query(std::string_view rest) {
    return "SELECT device, delivered, read, moved_at FROM cursors WHERE stream = ? " +
           std::string(rest);
}

sdk::Cursor cursor_of(const Rows& rows) {
    return {std::string(rows.text(0)), rows.count(1), rows.count(2), rows.number(3)};
}

}  // namespace

Reader::Reader(const std::string& path, const Arrivals& arrivals)
    : database_(open_database(path, Access::read)), arrivals_(arrivals),
      journal_(database_, "SELECT value FROM settings WHERE name = 'journal'"), pages_(database_),
      documents_(database_), dumper_(database_),
      cursors_(database_, cursor_query("ORDER BY device")),
      cursor_(database_, cursor_query("AND device = ?")), jobs_(database_, job_query("state = 0")),
      dead_jobs_(database_, job_query("state = 1")) {}

sdk::Page Reader::page(const PageQuery& query) {
    const Snapshot snapshot(database_, arrivals_, journal_);
    return pages_.page(snapshot, query);
}

sdk::Heads Reader::heads(const std::vector<std::string>& streams) {
    const Snapshot snapshot(database_, arrivals_, journal_);
    sdk::Heads heads;
    heads.heads.reserve(streams.size());
    for (const std::string& stream : streams) {
        heads.heads.push_back(pages_.head(snapshot, stream));
    }
    return heads;
}

sdk::Heads Reader::streams(const std::string& after, std::uint64_t limit) {
    const Snapshot snapshot(database_, arrivals_, journal_);
    return pages_.streams(snapshot, after, limit);
}

sdk::Records Reader::dump(const DumpQuery& query) {
    const Snapshot snapshot(database_, arrivals_, journal_);
    return dumper_.dump(query);
}

sdk::Cursors Reader::cursors(const std::string& stream) {
    sdk::Cursors cursors;
    auto rows = cursors_.query(std::string_view(stream));
    while (rows.next()) {
        cursors.cursors.push_back(cursor_of(rows));
    }
    return cursors;
}

sdk::Cursors Reader::cursor(const std::string& stream, const std::string& device) {
    sdk::Cursors cursors;
    auto rows = cursor_.query(std::string_view(stream), std::string_view(device));
    if (rows.next()) {
        cursors.cursors.push_back(cursor_of(rows));
    }
    return cursors;
}

sdk::Jobs Reader::jobs(const std::string& queue, std::uint32_t state, const std::string& after,
                       std::uint64_t limit) {
    limit = std::clamp<std::uint64_t>(limit, 1, kMaxRows);
    sdk::Jobs found;
    std::size_t bytes = 0;
    auto rows = (state == BF_JOB_DEAD ? dead_jobs_ : jobs_)
                    .query(std::string_view(queue), std::string_view(after), limit + 1);
    while (rows.next()) {
        if (found.jobs.size() == limit || bytes > kMaxJobBytes) {
            found.more = true;
            break;
        }
        bytes += rows.text(5).size();
        found.jobs.push_back({state, queue, std::string(rows.text(0)), std::string(rows.text(1)),
                              rows.number(2), rows.count(3), rows.count(4),
                              std::string(rows.text(5)), std::string(rows.text(6))});
    }
    return found;
}

std::uint64_t Reader::bytes() {
    return static_cast<std::uint64_t>(query_number(database_, "PRAGMA page_count") *
                                      query_number(database_, "PRAGMA page_size"));
}

}  // namespace belfry::sqlite
