#include "plugins/storage/sqlite/dumper.hpp"

#include "plugins/storage/sqlite/body.hpp"
#include "plugins/storage/sqlite/hex.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace belfry::sqlite {

namespace {

constexpr std::uint64_t kMaxRecords = 10'000;
constexpr std::uint64_t kMaxDumpBytes = 64U << 20U;
constexpr std::size_t kOverhead = 64;

/// In the order of the dump.
constexpr std::string_view kKinds = "bsecdj";

[[noreturn]] void report_damage(const std::string& what) {
    throw SqlError(SQLITE_CORRUPT, what + " is damaged");
}

[[noreturn]] void refuse(const std::string& text) {
    throw sdk::Failure(sdk::Status::invalid, "dump: \"" + text + "\" is no place of a dump");
}

}  // namespace

/// Fills an answer as far as the query's limits go.
class Dumper::Filling {
public:
    Filling(const DumpQuery& query, sdk::Records& records)
        : records_(records), limit_(std::clamp<std::uint64_t>(query.limit, 1, kMaxRecords)),
          bytes_(std::min(query.max_bytes, kMaxDumpBytes)) {}

    [[nodiscard]] std::uint64_t limit() const { return limit_; }
    [[nodiscard]] bool is_full() {
        const auto count = records_.records.size();
        records_.more = count != 0 && (count >= limit_ || used_ >= bytes_);
        return records_.more;
    }
    void add(sdk::Record record, std::size_t bytes) {
        used_ += kOverhead + bytes;
        records_.records.push_back(std::move(record));
    }

private:
    sdk::Records& records_;
    std::uint64_t limit_;
    std::uint64_t bytes_;
    std::uint64_t used_ = 0;
};

Dumper::Dumper(SQLite::Database& database)
    : bodies_(database, "SELECT b.ref, b.refs, b.kind, b.digest, b.hash, b.hash NOT NULL, " +
                            std::string(kBodyColumns) +
                            " FROM bodies b WHERE b.ref > ?"
                            " ORDER BY b.ref LIMIT ?"),
      streams_(database,
               "SELECT stream, epoch, earliest, head, unread FROM streams WHERE stream > ?"
               " ORDER BY stream LIMIT ?"),
      entries_(database,
               "SELECT s.stream, e.seq, e.ref, e.read_at, e.kind, e.state, e.digest FROM streams s"
               " CROSS JOIN entries e ON e.stream_id = s.id"
               " AND e.seq > CASE WHEN s.stream = ?1 THEN ?2 ELSE 0 END WHERE s.stream >= ?1"
               " ORDER BY s.stream, e.seq LIMIT ?3"),
      cursors_(database,
               "SELECT stream, device, delivered, read, moved_at FROM cursors"
               " WHERE (stream, device) > (?, ?) ORDER BY stream, device LIMIT ?"),
      documents_(database,
                 "SELECT name, id, version, document, doc FROM collections"
                 " WHERE (name, id) > (?, ?) ORDER BY name, id LIMIT ?"),
      keys_(database, "SELECT name, value, is_unique FROM keys WHERE doc = ? ORDER BY name, value"),
      jobs_(database,
            "SELECT queue, id, state, lane, due, attempt, lease, payload, reason, leased_until"
            " FROM jobs WHERE (queue, id) > (?, ?) ORDER BY queue, id LIMIT ?") {}

std::string Dumper::text_of(const Place& place) {
    return std::string(1, place.kind) + '.' + to_hex(place.name) + '.' + to_hex(place.id) + '.' +
           std::to_string(place.number);
}

Dumper::Place Dumper::parse(const std::string& text) {
    if (text.empty()) {
        return {kKinds.front(), {}, {}, 0};
    }
    const auto name = text.find('.');
    const auto id = name == std::string::npos ? name : text.find('.', name + 1);
    const auto number = id == std::string::npos ? id : text.find('.', id + 1);
    if (name != 1 || number == std::string::npos || !kKinds.contains(text.front())) {
        refuse(text);
    }
    Place place{text.front(), {}, {}, 0};
    const auto* last = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + number + 1, last, place.number);
    const std::string_view all = text;
    if (parsed.ptr != last || parsed.ec != std::errc() ||
        !from_hex(all.substr(name + 1, id - name - 1), place.name) ||
        !from_hex(all.substr(id + 1, number - id - 1), place.id)) {
        refuse(text);
    }
    return place;
}

void Dumper::bodies(Place& place, Filling& filling) {
    auto rows = bodies_.query(place.number, filling.limit() + 1);
    while (!filling.is_full() && rows.next()) {
        place.number = rows.number(0);
        const Body body(rows, 6);
        const auto kind = static_cast<std::uint32_t>(rows.number(2));
        if (rows.count(1) != 0 && rows.number(3) != body.digest(place.number, kind)) {
            report_damage("body " + std::to_string(place.number));
        }
        filling.add(sdk::BodyRecord{kind, rows.number(5) != 0, rows.count(0), rows.count(1),
                                    std::string(rows.text(4)), body.notification()},
                    body.size());
    }
}

void Dumper::streams(Place& place, Filling& filling) {
    const auto from = place;
    auto rows = streams_.query(std::string_view(from.name), filling.limit() + 1);
    while (!filling.is_full() && rows.next()) {
        place.name = rows.text(0);
        filling.add(sdk::StreamRecord{place.name, rows.count(1), rows.count(2), rows.count(3),
                                      rows.count(4)},
                    place.name.size());
    }
}

void Dumper::entries(Place& place, Filling& filling) {
    const auto from = place;
    auto rows = entries_.query(std::string_view(from.name), from.number, filling.limit() + 1);
    while (!filling.is_full() && rows.next()) {
        place.name = rows.text(0);
        place.number = rows.number(1);
        if (rows.number(6) != entry_digest(place.name, rows.count(1), rows.number(2),
                                           static_cast<std::uint32_t>(rows.number(4)))) {
            report_damage("entry " + std::to_string(place.number) + " of stream \"" + place.name +
                          "\"");
        }
        filling.add(sdk::EntryRecord{place.name, rows.count(1), rows.count(2), rows.number(3),
                                     static_cast<std::uint32_t>(rows.number(4)),
                                     static_cast<std::uint32_t>(rows.number(5))},
                    place.name.size());
    }
}

void Dumper::cursors(Place& place, Filling& filling) {
    const auto from = place;
    auto rows =
        cursors_.query(std::string_view(from.name), std::string_view(from.id), filling.limit() + 1);
    while (!filling.is_full() && rows.next()) {
        place.name = rows.text(0);
        place.id = rows.text(1);
        filling.add(
            sdk::CursorRecord{place.name, {place.id, rows.count(2), rows.count(3), rows.number(4)}},
            place.name.size() + place.id.size());
    }
}

std::vector<sdk::Key> Dumper::keys_of(std::int64_t doc) {
    std::vector<sdk::Key> keys;
    auto rows = keys_.query(doc);
    while (rows.next()) {
        keys.push_back({std::string(rows.text(0)), std::string(rows.text(1)), rows.number(2) != 0});
    }
    return keys;
}

void Dumper::documents(Place& place, Filling& filling) {
    const auto from = place;
    auto rows = documents_.query(std::string_view(from.name), std::string_view(from.id),
                                 filling.limit() + 1);
    while (!filling.is_full() && rows.next()) {
        place.name = rows.text(0);
        place.id = rows.text(1);
        sdk::Document document{place.id, rows.count(2), std::string(rows.text(3)), place.id};
        const auto bytes = document.document.size();
        filling.add(sdk::DocumentRecord{place.name, std::move(document), keys_of(rows.number(4))},
                    bytes);
    }
}

void Dumper::jobs(Place& place, Filling& filling) {
    const auto from = place;
    auto rows =
        jobs_.query(std::string_view(from.name), std::string_view(from.id), filling.limit() + 1);
    while (!filling.is_full() && rows.next()) {
        place.name = rows.text(0);
        place.id = rows.text(1);
        filling.add(
            sdk::JobRecord{{static_cast<std::uint32_t>(rows.number(2)), place.name, place.id,
                            std::string(rows.text(3)), rows.number(4), rows.count(5), rows.count(6),
                            std::string(rows.text(7)), std::string(rows.text(8))},
                           rows.number(9)},
            rows.text(7).size());
    }
}

sdk::Records Dumper::dump(const DumpQuery& query) {
    using Stage = void (Dumper::*)(Place&, Filling&);
    constexpr std::array<Stage, kKinds.size()> kStages{&Dumper::bodies,    &Dumper::streams,
                                                       &Dumper::entries,   &Dumper::cursors,
                                                       &Dumper::documents, &Dumper::jobs};
    sdk::Records records;
    Filling filling(query, records);
    auto place = parse(query.after);
    for (auto stage = kKinds.find(place.kind); stage < kStages.size() && !records.more; ++stage) {
        if (kKinds[stage] != place.kind) {
            place = {kKinds[stage], {}, {}, 0};
        }
        (this->*kStages.at(stage))(place, filling);
    }
    records.next = text_of(place);
    return records;
}

}  // namespace belfry::sqlite
