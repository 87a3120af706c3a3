#include "plugins/storage/sqlite/reader.hpp"

#include "plugins/storage/sqlite/request.hpp"

#include <algorithm>
#include <memory>

namespace belfry::sqlite {

namespace {

constexpr std::uint64_t kMaxRows = 10'000;
constexpr std::size_t kMaxBytes = 64U << 20U;

/// One snapshot for several statements.
class Snapshot {
public:
    explicit Snapshot(SQLite::Database& database) : database_(database) {
        execute(database_, "BEGIN");
    }
    ~Snapshot() {
        try {
            execute(database_, "COMMIT");
            // NOLINTNEXTLINE(bugprone-empty-catch)
        } catch (const SqlError&) {
            // The connection has ended the transaction by itself.
        }
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

private:
    SQLite::Database& database_;
};

constexpr std::string_view kEntryColumns =
    "SELECT e.seq, e.kind, e.state, e.read_at, b.id, b.revision, b.type, b.title, b.body, b.data,"
    " b.data_type, b.priority, b.collapse_key, b.created_at, b.expires_at, b.source, b.event_id,"
    " b.trace FROM entries e JOIN bodies b ON b.ref = e.ref WHERE e.stream_id = ?1";

std::string entry_query(std::string_view rest) {
    return std::string(kEntryColumns) +
           " AND e.seq BETWEEN ?2 AND ?3 AND (e.state & ?4) = ?5 AND (?6 = '' OR b.type = ?6) " +
           std::string(rest) + " LIMIT ?7";
}

/// The state stands in the text, so that the index of the dead can serve.
std::string job_query(std::string_view state) {
    return "SELECT id, lane, due, attempt, lease, payload, reason FROM jobs WHERE queue = ? AND " +
           std::string(state) + " AND id > ? ORDER BY id LIMIT ?";
}

std::size_t size_of(const sdk::Notification& note) {
    return 64 + note.title.size() + note.body.size() + note.data.size();
}

}  // namespace

Reader::Reader(const std::string& path)
    : database_(open_database(path, Access::read)), search_(database_), documents_(database_),
      stream_(database_,
              "SELECT id, epoch, head, earliest, unread, stream, read_to FROM streams"
              " WHERE stream = ?"),
      streams_(database_,
               "SELECT id, epoch, head, earliest, unread, stream FROM streams WHERE stream > ?"
               " ORDER BY stream LIMIT ?"),
      forward_(database_, entry_query("ORDER BY e.seq")),
      backward_(database_, entry_query("ORDER BY e.seq DESC")),
      refs_(database_, "SELECT ref FROM bodies WHERE id = ? ORDER BY ref"),
      cursors_(database_,
               "SELECT device, delivered, read FROM cursors WHERE stream = ? ORDER BY device"),
      jobs_(database_, job_query("state = 0")), dead_jobs_(database_, job_query("state = 1")),
      stats_(database_, "SELECT count(*), coalesce(sum(head - earliest + 1), 0) FROM streams") {}

sdk::Head Reader::head_of(const Rows& rows, int first) {
    return {std::string(rows.text(first + 4)),
            true,
            rows.count(first),
            rows.count(first + 2),
            rows.count(first + 1),
            rows.count(first + 3)};
}

Reader::Found Reader::find_stream(const std::string& name) {
    auto rows = stream_.query(std::string_view(name));
    if (!rows.next()) {
        return {0, 0, {name, false, 0, 0, 0, 0}};
    }
    return {rows.number(0), rows.count(6), head_of(rows, 1)};
}

sdk::Entry Reader::entry_of(const Rows& rows, const Found& stream) {
    auto note = std::make_shared<sdk::Notification>();
    note->id = rows.text(4);
    note->revision = rows.count(5);
    note->type = rows.text(6);
    note->title = rows.text(7);
    note->body = rows.text(8);
    note->data = rows.text(9);
    note->data_type = rows.text(10);
    note->priority = static_cast<std::int32_t>(rows.number(11));
    note->collapse_key = rows.text(12);
    note->created_at = rows.number(13);
    note->expires_at = rows.number(14);
    note->source = rows.text(15);
    note->event_id = rows.text(16);
    note->trace = rows.text(17);
    sdk::Entry entry;
    entry.seq = rows.count(0);
    entry.kind = static_cast<std::uint32_t>(rows.number(1));
    entry.state = static_cast<std::uint32_t>(rows.number(2));
    entry.read_at = rows.number(3);
    entry.epoch = stream.head.epoch;
    entry.stream = stream.head.stream;
    entry.notification = std::move(note);
    return entry;
}

Reader::Range Reader::range_of(const PageQuery& query, const Found& stream) {
    const sdk::Head& head = stream.head;
    Range range{head.earliest, head.head};
    if ((query.state_mask & ~query.state_want & BF_STATE_READ) != 0) {
        range.from = std::max(range.from, stream.read_to + 1);  // all before is read
    }
    if (!query.backward && query.after >= range.from) {
        range.from = query.after < head.head ? query.after + 1 : head.head + 1;
    } else if (query.backward && query.after != 0) {
        range.to = std::min(range.to, query.after - 1);
    }
    return range;
}

Rows Reader::entries(const PageQuery& query, const Found& stream, Range range,
                     std::uint64_t limit) {
    return (query.backward ? backward_ : forward_)
        .query(stream.id, range.from, range.to, query.state_mask, query.state_want,
               std::string_view(query.type), limit);
}

void Reader::read_many(const PageQuery& query, const Found& stream, sdk::Page& page) {
    const auto limit = std::clamp<std::uint64_t>(query.limit, 1, kMaxRows);
    auto rows = entries(query, stream, range_of(query, stream), limit + 1);
    const auto most = std::min<std::uint64_t>(query.max_bytes, kMaxBytes);
    std::size_t bytes = 0;
    while (rows.next()) {
        if (page.entries.size() == limit || (bytes > most && !page.entries.empty())) {
            page.more = true;
            break;
        }
        page.entries.push_back(entry_of(rows, stream));
        bytes += size_of(*page.entries.back().notification);
    }
}

/// One notification, and its revisions: an id has few bodies, and each is found without walking.
void Reader::read_one(const PageQuery& query, const Found& stream, sdk::Page& page) {
    const auto limit = std::clamp<std::uint64_t>(query.limit, 1, kMaxRows);
    const auto range = range_of(query, stream);
    std::vector<std::uint64_t> seqs;
    {
        auto rows = refs_.query(std::string_view(query.notification_id));
        while (rows.next()) {
            const auto seq =
                search_.find(stream.id, stream.head.earliest, stream.head.head, rows.number(0));
            if (seq != 0 && seq >= range.from && seq <= range.to) {
                seqs.push_back(seq);
            }
        }
    }
    if (query.backward) {
        std::ranges::reverse(seqs);
    }
    for (const auto seq : seqs) {
        auto rows = entries(query, stream, {seq, seq}, 1);
        if (!rows.next()) {
            continue;
        }
        if (page.entries.size() == limit) {
            page.more = true;
            break;
        }
        page.entries.push_back(entry_of(rows, stream));
    }
}

sdk::Page Reader::page(const PageQuery& query) {
    const Snapshot snapshot(database_);
    sdk::Page page;
    const Found stream = find_stream(query.stream);
    page.head = stream.head;
    if (stream.id == 0) {
        return page;
    }
    if (query.notification_id.empty()) {
        read_many(query, stream, page);
    } else {
        read_one(query, stream, page);
    }
    return page;
}

sdk::Heads Reader::heads(const std::vector<std::string>& streams) {
    const Snapshot snapshot(database_);
    sdk::Heads heads;
    heads.heads.reserve(streams.size());
    for (const std::string& stream : streams) {
        heads.heads.push_back(find_stream(stream).head);
    }
    return heads;
}

sdk::Heads Reader::streams(const std::string& after, std::uint64_t limit) {
    sdk::Heads heads;
    auto rows = streams_.query(std::string_view(after), std::min(limit, kMaxRows));
    while (rows.next()) {
        heads.heads.push_back(head_of(rows, 1));
    }
    return heads;
}

sdk::Cursors Reader::cursors(const std::string& stream) {
    sdk::Cursors cursors;
    auto rows = cursors_.query(std::string_view(stream));
    while (rows.next()) {
        cursors.cursors.push_back({std::string(rows.text(0)), rows.count(1), rows.count(2)});
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
        if (found.jobs.size() == limit || bytes > kMaxBytes) {
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

sdk::StorageStats Reader::stats() {
    const Snapshot snapshot(database_);
    sdk::StorageStats stats;
    auto rows = stats_.query();
    if (rows.next()) {
        stats.streams = rows.count(0);
        stats.entries = rows.count(1);
    }
    stats.bytes = static_cast<std::uint64_t>(query_number(database_, "PRAGMA page_count") *
                                             query_number(database_, "PRAGMA page_size"));
    return stats;
}

}  // namespace belfry::sqlite
