#include "plugins/storage/sqlite/page_reader.hpp"

#include "plugins/storage/sqlite/request.hpp"

#include <algorithm>
#include <memory>

namespace belfry::sqlite {

namespace {

constexpr std::uint64_t kMaxRows = 10'000;
constexpr std::size_t kMaxBytes = 64U << 20U;
/// Entries, or bodies of one notification, that a query which leaves some out looks at.
constexpr std::uint64_t kMaxLookedAt = 5'000;

constexpr std::string_view kEntryColumns =
    "SELECT e.seq, e.kind, e.state, e.read_at, b.id, b.revision, b.type, b.title, b.body, b.data,"
    " b.data_type, b.priority, b.collapse_key, b.created_at, b.expires_at, b.source, b.event_id,"
    " b.trace FROM entries e JOIN bodies b ON b.ref = e.ref WHERE e.stream_id = ?1";

std::string entry_query(std::string_view rest) {
    return std::string(kEntryColumns) +
           " AND e.seq BETWEEN ?2 AND ?3 AND (e.state & ?4) = ?5 AND (?6 = '' OR b.type = ?6) " +
           std::string(rest) + " LIMIT ?7";
}

std::size_t size_of(const sdk::Notification& note) {
    return 64 + note.title.size() + note.body.size() + note.data.size();
}

/// Fills a page as far as the query's limits go.
class Filling {
public:
    Filling(const PageQuery& query, sdk::Page& page)
        : page_(page), limit_(std::clamp<std::uint64_t>(query.limit, 1, kMaxRows)),
          bytes_(std::min<std::uint64_t>(query.max_bytes, kMaxBytes)) {}

    [[nodiscard]] std::uint64_t limit() const { return limit_; }
    /// Nothing more may be added; there is more, then.
    [[nodiscard]] bool is_full() {
        if (page_.entries.size() < limit_ && (used_ <= bytes_ || page_.entries.empty())) {
            return false;
        }
        go_on(page_.entries.back().seq);
        return true;
    }
    void add(sdk::Entry entry) {
        used_ += size_of(*entry.notification);
        page_.entries.push_back(std::move(entry));
    }
    void go_on(std::uint64_t after) {
        page_.more = true;
        page_.next = after;
    }

private:
    sdk::Page& page_;
    std::uint64_t limit_;
    std::uint64_t bytes_;
    std::uint64_t used_ = 0;
};

}  // namespace

PageReader::PageReader(SQLite::Database& database)
    : search_(database),
      stream_(database,
              "SELECT id, epoch, head, earliest, unread, stream, read_to FROM streams"
              " WHERE stream = ?"),
      streams_(database,
               "SELECT id, epoch, head, earliest, unread, stream FROM streams WHERE stream > ?"
               " ORDER BY stream LIMIT ?"),
      forward_(database, entry_query("ORDER BY e.seq")),
      backward_(database, entry_query("ORDER BY e.seq DESC")),
      ref_at_(database, "SELECT ref FROM entries WHERE stream_id = ? AND seq = ?"),
      refs_(database,
            "SELECT ref FROM bodies WHERE id = ? AND ref BETWEEN ? AND ? ORDER BY ref LIMIT ?"),
      refs_backward_(database,
                     "SELECT ref FROM bodies WHERE id = ? AND ref BETWEEN ? AND ?"
                     " ORDER BY ref DESC LIMIT ?") {}

sdk::Head PageReader::head_of(const Rows& rows, int first) {
    return {std::string(rows.text(first + 4)),
            true,
            rows.count(first),
            rows.count(first + 2),
            rows.count(first + 1),
            rows.count(first + 3)};
}

PageReader::Found PageReader::find_stream(const std::string& name) {
    auto rows = stream_.query(std::string_view(name));
    if (!rows.next()) {
        return {0, 0, {name, false, 0, 0, 0, 0}};
    }
    return {rows.number(0), rows.count(6), head_of(rows, 1)};
}

sdk::Entry PageReader::entry_of(const Rows& rows, const Found& stream) {
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

Rows PageReader::entries(const PageQuery& query, const Found& stream, Range range,
                         std::uint64_t limit) {
    return (query.backward ? backward_ : forward_)
        .query(stream.id, range.from, range.to, query.state_mask, query.state_want,
               std::string_view(query.type), limit);
}

void PageReader::read_many(const PageQuery& query, const Found& stream, sdk::Page& page) {
    auto range = range_of(query, stream);
    const bool is_cut =
        query.is_filtered() && range.from <= range.to && range.to - range.from >= kMaxLookedAt;
    if (is_cut && query.backward) {
        range.from = range.to - kMaxLookedAt + 1;
    } else if (is_cut) {
        range.to = range.from + kMaxLookedAt - 1;
    }
    Filling filling(query, page);
    auto rows = entries(query, stream, range, filling.limit() + 1);
    while (rows.next()) {
        if (filling.is_full()) {
            return;
        }
        filling.add(entry_of(rows, stream));
    }
    if (is_cut) {
        filling.go_on(query.backward ? range.from : range.to);
    }
}

std::vector<std::uint64_t> PageReader::places(const PageQuery& query, const Found& stream,
                                              Range& range) {
    const auto ref_at = [&](std::uint64_t seq) {
        auto rows = ref_at_.query(stream.id, seq);
        return rows.next() ? rows.number(0) : 0;
    };
    std::vector<std::uint64_t> seqs;
    std::uint64_t looked_at = 0;
    auto rows = (query.backward ? refs_backward_ : refs_)
                    .query(std::string_view(query.notification_id), ref_at(range.from),
                           ref_at(range.to), kMaxLookedAt + 1);
    while (rows.next()) {
        const auto seq = search_.lower_bound(stream.id, range.from, range.to, rows.number(0));
        const bool is_here = seq <= range.to && ref_at(seq) == rows.number(0);
        if (++looked_at > kMaxLookedAt) {
            if (query.backward) {
                range.from = is_here ? seq + 1 : seq;
            } else {
                range.to = seq - 1;
            }
            break;
        }
        if (is_here) {
            seqs.push_back(seq);
        }
    }
    return seqs;
}

/// One notification, and its revisions: an id has few bodies, and each is found without walking.
void PageReader::read_one(const PageQuery& query, const Found& stream, sdk::Page& page) {
    auto range = range_of(query, stream);
    if (range.from > range.to) {
        return;
    }
    const auto all = range;
    Filling filling(query, page);
    for (const auto seq : places(query, stream, range)) {
        auto rows = entries(query, stream, {seq, seq}, 1);
        if (!rows.next()) {
            continue;
        }
        if (filling.is_full()) {
            return;
        }
        filling.add(entry_of(rows, stream));
    }
    if (range.from != all.from || range.to != all.to) {
        filling.go_on(query.backward ? range.from : range.to);
    }
}

sdk::Page PageReader::page(const PageQuery& query) {
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

sdk::Heads PageReader::streams(const std::string& after, std::uint64_t limit) {
    sdk::Heads heads;
    auto rows = streams_.query(std::string_view(after), std::min(limit, kMaxRows));
    while (rows.next()) {
        heads.heads.push_back(head_of(rows, 1));
    }
    return heads;
}

}  // namespace belfry::sqlite
