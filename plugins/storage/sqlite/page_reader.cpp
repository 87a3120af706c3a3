#include "plugins/storage/sqlite/page_reader.hpp"

#include "plugins/storage/sqlite/body.hpp"
#include "plugins/storage/sqlite/request.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace belfry::sqlite {

namespace {

constexpr std::string_view kStreamColumns =
    "SELECT id, epoch, earliest, head, unread, stream, read_to FROM streams ";

std::string entry_query(std::string_view order) {
    return "SELECT e.seq, e.ref, e.kind, e.state, e.read_at, e.digest, b.digest, " +
           std::string(kBodyColumns) +
           " FROM entries e JOIN bodies b ON b.ref = e.ref WHERE e.stream_id = ?1"
           " AND e.seq BETWEEN ?2 AND ?3 AND (e.state & ?4) = ?5 AND (?6 = '' OR b.type = ?6)"
           " ORDER BY e.seq " +
           std::string(order) + " LIMIT ?7";
}

std::string ref_query(std::string_view order) {
    return "SELECT ref FROM bodies WHERE id = ? AND ref BETWEEN ? AND ? ORDER BY ref " +
           std::string(order) + " LIMIT ?";
}

[[noreturn]] void report_damage(const std::string& stream, std::uint64_t seq) {
    throw SqlError(SQLITE_CORRUPT,
                   "entry " + std::to_string(seq) + " of stream \"" + stream + "\" is damaged");
}

}  // namespace

PageReader::PageReader(SQLite::Database& database)
    : search_(database), stream_(database, std::string(kStreamColumns) + "WHERE stream = ?"),
      streams_(database, std::string(kStreamColumns) + "WHERE stream > ? ORDER BY stream LIMIT ?"),
      forward_(database, entry_query("")), backward_(database, entry_query("DESC")),
      body_(database, "SELECT ?2, ref, kind, 0, 0, 0, digest, " + std::string(kBodyColumns) +
                          " FROM bodies b WHERE ref = ?1"),
      refs_(database, ref_query("")), refs_backward_(database, ref_query("DESC")) {}

PageReader::Found PageReader::stream_of(const Snapshot& snapshot, const Rows& rows) {
    Found found;
    found.id = rows.number(0);
    found.head = {std::string(rows.text(5)),
                  true,
                  rows.count(1),
                  rows.count(2),
                  rows.count(3),
                  rows.count(4)};
    found.read_to = rows.count(6);
    found.settled = found.head.head;
    found.arrivals = snapshot.arrivals(found.id, found.settled);
    for (const auto& arrival : found.arrivals) {
        found.head.head = arrival.seq;
        found.head.unread += arrival.kind == BF_ENTRY_NOTIFICATION ? 1 : 0;
    }
    return found;
}

PageReader::Found PageReader::find_stream(const Snapshot& snapshot, const std::string& name) {
    auto rows = stream_.query(std::string_view(name));
    if (rows.next()) {
        return stream_of(snapshot, rows);
    }
    Found none;
    none.head.stream = name;
    return none;
}

PageReader::Range PageReader::range_of(const PageQuery& query, const Found& stream) {
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

std::int64_t PageReader::ref_at(const Found& stream, std::uint64_t seq) {
    return seq <= stream.settled ? search_.ref_at(stream.id, seq)
                                 : stream.arrivals.at(seq - stream.settled - 1).ref;
}

bool PageReader::read_rows(const PageQuery& query, const Found& stream, Range range,
                           PageFilling& filling) {
    if (range.from > range.to) {
        return true;
    }
    auto rows = (query.backward ? backward_ : forward_)
                    .query(stream.id, range.from, range.to, query.state_mask, query.state_want,
                           std::string_view(query.type), filling.room() + 1);
    for (std::uint64_t count = 0; rows.next(); ++count) {
        if (filling.is_full()) {
            return false;
        }
        const EntryRow row(rows);
        const Body body(rows, 7);
        const auto expected = query.backward ? range.to - count : range.from + count;
        if ((!query.is_filtered() && row.seq != expected) ||
            rows.number(5) != entry_digest(stream.head.stream, row.seq, row.ref, row.kind) ||
            rows.number(6) != body.digest(row.ref, row.kind)) {
            report_damage(stream.head.stream, row.seq);
        }
        filling.add(stream.head, row, body);
    }
    return true;
}

/// Nobody has marked them yet.
bool PageReader::read_arrivals(const PageQuery& query, const Found& stream, Range range,
                               PageFilling& filling) {
    if (query.state_want != 0) {
        return true;
    }
    const auto count = range.from <= range.to ? range.to - range.from + 1 : 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto seq = query.backward ? range.to - i : range.from + i;
        auto rows = body_.query(ref_at(stream, seq), seq);
        if (!rows.next()) {
            report_damage(stream.head.stream, seq);
        }
        const EntryRow row(rows);
        const Body body(rows, 7);
        if (!query.type.empty() && query.type != body.type) {
            continue;
        }
        if (filling.is_full()) {
            return false;
        }
        if (rows.number(6) != body.digest(row.ref, row.kind)) {
            report_damage(stream.head.stream, seq);
        }
        filling.add(stream.head, row, body);
    }
    return true;
}

bool PageReader::read_range(const PageQuery& query, const Found& stream, Range range,
                            PageFilling& filling) {
    const Range rows{range.from, std::min(range.to, stream.settled)};
    const Range arrivals{std::max(range.from, stream.settled + 1), range.to};
    if (query.backward) {
        return read_arrivals(query, stream, arrivals, filling) &&
               read_rows(query, stream, rows, filling);
    }
    return read_rows(query, stream, rows, filling) &&
           read_arrivals(query, stream, arrivals, filling);
}

void PageReader::read_many(const PageQuery& query, const Found& stream, PageFilling& filling) {
    auto range = range_of(query, stream);
    const bool is_cut =
        query.is_filtered() && range.from <= range.to && range.to - range.from >= kMaxLookedAt;
    if (is_cut && query.backward) {
        range.from = range.to - kMaxLookedAt + 1;
    } else if (is_cut) {
        range.to = range.from + kMaxLookedAt - 1;
    }
    if (read_range(query, stream, range, filling) && is_cut) {
        filling.go_on(query.backward ? range.from : range.to);
    }
}

sdk::Page PageReader::page(const Snapshot& snapshot, const PageQuery& query) {
    sdk::Page page;
    const Found stream = find_stream(snapshot, query.stream);
    page.head = stream.head;
    if (stream.id == 0) {
        return page;
    }
    PageFilling filling(query, page);
    if (query.notification_id.empty()) {
        read_many(query, stream, filling);
    } else {
        read_one(query, stream, filling);
    }
    return page;
}

sdk::Head PageReader::head(const Snapshot& snapshot, const std::string& stream) {
    return find_stream(snapshot, stream).head;
}

sdk::Heads PageReader::streams(const Snapshot& snapshot, const std::string& after,
                               std::uint64_t limit) {
    sdk::Heads heads;
    auto rows = streams_.query(std::string_view(after), std::min(limit, kMaxPageRows));
    while (rows.next()) {
        heads.heads.push_back(stream_of(snapshot, rows).head);
    }
    return heads;
}

}  // namespace belfry::sqlite
