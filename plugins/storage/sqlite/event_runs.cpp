#include "plugins/storage/sqlite/event_runs.hpp"

#include "plugins/storage/sqlite/digest.hpp"
#include "plugins/storage/sqlite/numbers.hpp"

#include <sqlite3.h>

#include <string>

namespace belfry::sqlite {

namespace {

constexpr unsigned kRunShift = 32;
constexpr std::int64_t kMaxRun = INT32_MAX;
constexpr std::size_t kEventBytes = 2 * kNumberBytes;

std::int64_t first_of(std::int64_t run) { return run << kRunShift; }

std::string pack(std::int64_t place, std::string text) {
    put_number(text, Digest().add(place).add(text).value());
    return text;
}

/// The text of a row without its checksum. Throws SqlError.
std::string_view unpack(std::int64_t place, std::string_view text, std::string_view table) {
    if (text.size() >= kNumberBytes) {
        auto digest = text.substr(text.size() - kNumberBytes);
        text.remove_suffix(kNumberBytes);
        if (take_number(digest) == Digest().add(place).add(text).value()) {
            return text;
        }
    }
    throw SqlError(SQLITE_CORRUPT,
                   "row " + std::to_string(place) + " of " + std::string(table) + " is damaged");
}

}  // namespace

EventRuns::EventRuns(SQLite::Database& database)
    : runs_(
          database,
          "SELECT run, level, bits, events, last FROM event_runs WHERE is_gone = 0 ORDER BY last"),
      numbers_(database, "SELECT run FROM event_runs ORDER BY run"),
      blocks_(database,
              "SELECT block, events FROM event_blocks WHERE block BETWEEN ? AND ? ORDER BY block"),
      pieces_(database,
              "SELECT piece, bits FROM event_filters WHERE piece BETWEEN ? AND ? ORDER BY piece"),
      write_block_(database, "INSERT OR REPLACE INTO event_blocks VALUES (?, ?)"),
      write_piece_(database, "INSERT OR REPLACE INTO event_filters VALUES (?, ?)"),
      add_(database, "INSERT INTO event_runs VALUES (?, ?, ?, ?, ?, 0)"),
      remove_(database, "UPDATE event_runs SET is_gone = 1 WHERE run = ?"),
      gone_(database, "SELECT run FROM event_runs WHERE is_gone = 1 ORDER BY run LIMIT 1"),
      drop_run_(database, "DELETE FROM event_runs WHERE run = ?"),
      drop_blocks_(database,
                   "DELETE FROM event_blocks WHERE block IN (SELECT block FROM event_blocks"
                   " WHERE block BETWEEN ? AND ? ORDER BY block LIMIT ?)"),
      drop_pieces_(database, "DELETE FROM event_filters WHERE piece BETWEEN ? AND ?") {}

std::vector<EventRun> EventRuns::load() {
    std::vector<EventRun> runs;
    {
        auto rows = runs_.query();
        while (rows.next()) {
            runs.push_back({rows.number(0), static_cast<std::uint32_t>(rows.number(1)),
                            static_cast<std::uint32_t>(rows.number(2)), rows.count(3),
                            rows.number(4), nullptr});
        }
    }
    for (auto& run : runs) {
        load_filter(run);
    }
    return runs;
}

void EventRuns::load_filter(EventRun& run) {
    run.filter = std::make_shared<EventFilter>(run.events);
    std::size_t number = 0;
    auto rows = pieces_.query(first_of(run.run), first_of(run.run + 1) - 1);
    while (rows.next()) {
        const auto place = first_of(run.run) + static_cast<std::int64_t>(number);
        const auto text = unpack(rows.number(0), rows.text(1), "event_filters");
        if (rows.number(0) != place || number == run.filter->pieces() ||
            !run.filter->set_piece(number, text)) {
            break;
        }
        ++number;
    }
    if (number != run.filter->pieces()) {
        throw SqlError(SQLITE_CORRUPT, "the filter of run " + std::to_string(run.run) +
                                           " of the events is damaged");
    }
}

void EventRuns::read(const EventRun& run, std::uint64_t prefix, std::uint32_t bits,
                     std::vector<Event>& events) {
    // With fewer bits than the blocks have, several; with more, a part of one.
    const auto shift = bits < run.bits ? run.bits - bits : 0;
    const auto cut = bits > run.bits ? bits - run.bits : 0;
    const auto from = first_of(run.run) + static_cast<std::int64_t>(prefix >> cut << shift);
    const auto count = std::int64_t{1} << shift;
    auto rows = blocks_.query(from, from + count - 1);
    while (rows.next()) {
        auto text = unpack(rows.number(0), rows.text(1), "event_blocks");
        while (text.size() >= kEventBytes) {
            const auto hash = take_number(text);
            const auto ref = static_cast<std::int64_t>(take_number(text));
            if (bits == 0 || hash >> (64 - bits) == prefix) {
                events.push_back({hash, ref});
            }
        }
    }
}

void EventRuns::write_block(std::int64_t run, std::uint64_t block, std::span<const Event> events) {
    std::string text;
    text.reserve((events.size() + 1) * kEventBytes);
    for (const auto& event : events) {
        put_number(text, event.hash);
        put_number(text, static_cast<std::uint64_t>(event.ref));
    }
    const auto place = first_of(run) + static_cast<std::int64_t>(block);
    write_block_.run(place, Blob{pack(place, std::move(text))});
}

void EventRuns::write_piece(std::int64_t run, std::size_t piece, const EventFilter& filter) {
    const auto place = first_of(run) + static_cast<std::int64_t>(piece);
    write_piece_.run(place, Blob{pack(place, filter.piece(piece))});
}

void EventRuns::add(const EventRun& run) {
    add_.run(run.run, run.level, run.bits, run.events, run.last);
}

void EventRuns::remove(const EventRun& run) { remove_.run(run.run); }

bool EventRuns::clean(std::int64_t limit) {
    std::int64_t run = 0;
    {
        auto rows = gone_.query();
        if (!rows.next()) {
            return false;
        }
        run = rows.number(0);
    }
    if (drop_blocks_.run(first_of(run), first_of(run + 1) - 1, limit) < limit) {
        drop_pieces_.run(first_of(run), first_of(run + 1) - 1);
        drop_run_.run(run);
    }
    return true;
}

void EventRuns::discard(std::int64_t first, std::int64_t last) {
    if (first <= last) {
        drop_blocks_.run(first_of(first), first_of(last) + (first_of(1) - 1), -1);
        drop_pieces_.run(first_of(first), first_of(last) + (first_of(1) - 1));
    }
}

std::int64_t EventRuns::discard_unfinished() {
    std::vector<std::int64_t> numbers;
    {
        auto rows = numbers_.query();
        while (rows.next()) {
            numbers.push_back(rows.number(0));
        }
    }
    std::int64_t last = 0;
    for (const auto number : numbers) {
        discard(last + 1, number - 1);
        last = number;
    }
    discard(last + 1, kMaxRun);
    return last;
}

}  // namespace belfry::sqlite
