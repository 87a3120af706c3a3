#include "plugins/storage/postgresql/reader_pages.hpp"

#include "plugins/storage/postgresql/reader_rows.hpp"
#include "plugins/storage/postgresql/reader_text.hpp"

#include <algorithm>
#include <optional>

namespace belfry::postgresql {

namespace {

/// Entries, or bodies of a notification, that a query which leaves some out looks at.
constexpr std::uint64_t kMaxLooked = 5'000;
/// More than there are; far from where sums end.
constexpr std::uint64_t kAll = 1ULL << 62U;

// Parameters of every statement: $1 stream, $2 after, $3 only what may be unread, $4 how many
// entries to look at, $5 state mask, $6 state wanted, $7 type, $8 limit, $9 bytes; with an id, $10
// is that and $11 how many bodies to look at.
//
// The stream's row, with the first and the last seq to look at, and where there are no more.
constexpr std::string_view kForwardRange =
    "(SELECT r.*, least(head, first + $4::bigint - 1) AS last, head AS bound FROM"
    " (SELECT id, epoch, head, earliest, unread, greatest(earliest, $2::bigint + 1,"
    "   CASE WHEN $3::boolean THEN read_to + 1 ELSE 0 END) AS first"
    "  FROM @.streams WHERE stream = $1::text) r)";
constexpr std::string_view kBackwardRange =
    "(SELECT r.*, greatest(bound, last - $4::bigint + 1) AS first FROM"
    " (SELECT id, epoch, head, earliest, unread,"
    "   CASE WHEN $2::bigint = 0 THEN head ELSE least(head, $2::bigint - 1) END AS last,"
    "   greatest(earliest, CASE WHEN $3::boolean THEN read_to + 1 ELSE 0 END) AS bound"
    "  FROM @.streams WHERE stream = $1::text) r)";
constexpr std::string_view kHeadColumns =
    "SELECT s.epoch, s.head, s.earliest, s.unread, s.first, s.last, s.bound";

constexpr std::string_view kSize =
    "64 + octet_length(b.title) + octet_length(b.body) + octet_length(b.data)";

// The entries that are wanted, in the order of `place`, until the bytes before one are more than
// allowed.
std::string wanted(std::string_view from, std::string_view place, std::string_view order) {
    const std::string by = " ORDER BY " + std::string(place) + " " + std::string(order);
    return "(SELECT * FROM (SELECT e.seq, e.kind AS entry_kind, e.state, e.read_at, " +
           std::string(kNotificationColumns) + ", sum(" + std::string(kSize) + ") OVER (" + by +
           " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before" + std::string(from) +
           " AND e.state::bigint & $5::bigint = $6::bigint"
           " AND ($7::text = '' OR b.type = $7::text)" +
           by + " LIMIT $8::bigint) w WHERE coalesce(w.before, 0) <= $9::bigint)";
}

// There is one row of the stream at most, so its entries come in their own order.
std::string range_query(std::string_view range, std::string_view order) {
    constexpr std::string_view kFrom =
        " FROM @.entries e JOIN @.bodies b ON b.ref = e.ref"
        " WHERE e.stream_id = s.id AND e.seq BETWEEN s.first AND s.last";
    return std::string(kHeadColumns) + ", 0, 0, w.* FROM " + std::string(range) +
           " s LEFT JOIN LATERAL " + wanted(kFrom, "e.seq", order) + " w ON true";
}

// In one stream ref grows with seq, so that each body's place is found by halving. `found` ends
// with the first place whose ref is not smaller, for each body. OFFSET 0 keeps the server from
// walking the stream for it.
std::string id_query(std::string_view range, bool backward) {
    const std::string order = backward ? "DESC" : "";
    constexpr std::string_view kFrom =
        " FROM found f CROSS JOIN LATERAL (SELECT * FROM @.entries e WHERE e.stream_id = s.id AND"
        " e.seq = f.low AND e.ref = f.ref OFFSET 0) e JOIN @.bodies b ON b.ref = e.ref"
        " WHERE f.low = f.high AND f.low <= s.last";
    return "WITH RECURSIVE range AS MATERIALIZED (SELECT r.*, (SELECT e.ref FROM @.entries e"
           " WHERE e.stream_id = r.id AND e.seq = " +
           std::string(backward ? "r.last" : "r.first") + ") AS edge FROM " + std::string(range) +
           " r), candidates AS MATERIALIZED (SELECT b.ref FROM range r CROSS JOIN LATERAL"
           " (SELECT b.ref FROM @.bodies b WHERE b.id = $10::text AND b.ref " +
           (backward ? "<=" : ">=") + " r.edge ORDER BY b.ref " + order +
           " LIMIT $11::bigint) b), found (stream_id, ref, low, high) AS ("
           "SELECT r.id, c.ref, r.first, r.last + 1 FROM range r CROSS JOIN candidates c"
           " UNION ALL SELECT h.stream_id, h.ref,"
           "  CASE WHEN e.ref < h.ref THEN h.middle + 1 ELSE h.low END,"
           "  CASE WHEN e.ref < h.ref THEN h.high ELSE h.middle END"
           " FROM (SELECT f.*, (f.low + f.high) / 2 AS middle FROM found f WHERE f.low < f.high) h"
           " JOIN @.entries e ON e.stream_id = h.stream_id AND e.seq = h.middle) " +
           std::string(kHeadColumns) + ", (SELECT count(*) FROM candidates), (SELECT " +
           (backward ? "min(low)" : "max(low) - 1") +
           " FROM found WHERE low = high), w.* FROM range s LEFT JOIN LATERAL " +
           wanted(kFrom, "f.low", order) + " w ON true";
}

constexpr int kRangeColumn = 4;
constexpr int kCandidatesColumn = 7;
constexpr int kEntryColumn = 9;

bool leaves_out(const PageQuery& query) {
    return query.state_mask != 0 || query.state_want != 0 || !query.type.empty();
}

/// Where no limit has ended the page: the last place that was looked at.
std::uint64_t looked_to(const PageQuery& query, const pqxx::row& row) {
    if (!query.notification_id.empty()) {
        return count_at(row[kCandidatesColumn]) < kMaxLooked ? count_at(row[kRangeColumn + 2])
                                                             : count_at(row[kCandidatesColumn + 1]);
    }
    return count_at(row[query.backward ? kRangeColumn : kRangeColumn + 1]);
}

sdk::Entry entry_at(const pqxx::row& row, const sdk::Head& head) {
    sdk::Entry entry;
    entry.seq = count_at(row[kEntryColumn]);
    entry.kind = static_cast<std::uint32_t>(number_at(row[kEntryColumn + 1]));
    entry.state = static_cast<std::uint32_t>(number_at(row[kEntryColumn + 2]));
    entry.read_at = number_at(row[kEntryColumn + 3]);
    entry.epoch = head.epoch;
    entry.stream = head.stream;
    entry.notification = notification_at(row, kEntryColumn + 4);
    return entry;
}

std::size_t size_of(const sdk::Notification& note) {
    return 64 + note.title.size() + note.body.size() + note.data.size();
}

/// Takes the entries -> whether a limit has ended the page.
bool take(const pqxx::result& rows, std::uint64_t limit, std::uint64_t max_bytes, sdk::Page& page) {
    std::size_t bytes = 0;
    for (const auto& row : rows) {
        if (row[kEntryColumn].is_null()) {
            break;
        }
        if (page.entries.size() == limit) {
            return true;
        }
        page.entries.push_back(entry_at(row, page.head));
        bytes += size_of(*page.entries.back().notification);
    }
    return bytes > max_bytes;
}

}  // namespace

PageReader::PageReader(Session& session) : session_(session) {
    session_.prepare("page_forward", range_query(kForwardRange, ""));
    session_.prepare("page_backward", range_query(kBackwardRange, "DESC"));
    session_.prepare("id_forward", id_query(kForwardRange, false));
    session_.prepare("id_backward", id_query(kBackwardRange, true));
}

pqxx::result PageReader::ask(const PageQuery& query, std::uint64_t limit, std::uint64_t max_bytes) {
    const bool by_id = !query.notification_id.empty();
    const bool unread_only = (query.state_mask & ~query.state_want & BF_STATE_READ) != 0;
    const auto after = std::min(query.after, kAll);
    const auto run = [&](const char* name, std::uint64_t looked, std::uint64_t rows,
                         const auto&... more) {
        return session_.run(name, query.stream, after, unread_only, looked, query.state_mask,
                            query.state_want, query.type, rows, max_bytes, more...);
    };
    if (by_id) {
        return run(query.backward ? "id_backward" : "id_forward", kAll, limit + 1,
                   query.notification_id, kMaxLooked);
    }
    return leaves_out(query)
               ? run(query.backward ? "page_backward" : "page_forward", kMaxLooked, limit + 1)
               : run(query.backward ? "page_backward" : "page_forward", limit, limit);
}

sdk::Page PageReader::page(const PageQuery& query) {
    if (!is_text(query.type) || !is_text(query.notification_id)) {
        PageQuery none;
        none.stream = query.stream;
        none.state_want = 1;  // of no state at all
        auto page = this->page(none);
        page.more = false;
        return page;
    }
    sdk::Page page;
    page.head.stream = query.stream;
    if (!is_text(query.stream)) {
        return page;
    }
    const auto limit = std::clamp<std::uint64_t>(query.limit, 1, kMaxRows);
    const auto max_bytes = std::min(query.max_bytes, kMaxBytes);
    const auto rows = ask(query, limit, max_bytes);
    if (rows.empty()) {
        return page;
    }
    page.head = head_at(rows[0], 0, query.stream);
    const bool is_cut = take(rows, limit, max_bytes, page);
    auto end = is_cut ? page.entries.back().seq : looked_to(query, rows[0]);
    if (!query.backward && !page.entries.empty()) {
        end = std::max(end, page.entries.back().seq);
    }
    const auto bound = count_at(rows[0][kRangeColumn + 2]);
    page.more = query.backward ? end > bound : end < bound;
    page.next = page.more ? end : 0;
    return page;
}

}  // namespace belfry::postgresql
