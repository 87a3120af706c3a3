#include "plugins/storage/postgresql/dump.hpp"

#include "plugins/storage/postgresql/dump_statements.hpp"
#include "plugins/storage/postgresql/reader_rows.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace belfry::postgresql {

namespace {

constexpr std::uint64_t kOverhead = 64;

std::string string_at(const pqxx::field& field) { return std::string(text_at(field)); }

std::uint64_t body_size(const sdk::Notification& note) {
    return kOverhead + note.title.size() + note.body.size() + note.data.size();
}

/// What a body is once no entry has it: only its event is still known.
void empty(sdk::Notification& note) {
    note.title.clear();
    note.body.clear();
    note.data.clear();
    note.collapse_key.clear();
    note.trace.clear();
}

}  // namespace

Dump::Dump(Session& session) : session_(session) {
    for (const auto& [name, sql] : kDumpStatements) {
        session_.prepare(name, sql);
    }
}

sdk::Records Dump::page(std::string_view after, std::uint64_t limit, std::uint64_t max_bytes) {
    auto place = parse_place(after);
    Room room{std::clamp<std::uint64_t>(limit, 1, kMaxRows), std::min(max_bytes, kMaxBytes)};
    sdk::Records page;
    while (place.kind <= BF_RECORD_JOB) {
        auto found = pieces(place, {room.records + 1, room.bytes});
        if (found.empty()) {
            place = {place.kind + 1, 0, {}, {}};
        }
        for (auto& piece : found) {
            place = place_of(piece.record);
            if (!piece.is_needed) {
                continue;
            }
            if (!page.records.empty() && (room.records == 0 || piece.size > room.bytes)) {
                page.more = true;
                page.next = print(place_of(page.records.back()));
                return page;
            }
            --room.records;
            room.bytes -= std::min(room.bytes, piece.size);
            page.records.push_back(std::move(piece.record));
        }
    }
    return page;
}

Dump::Pieces Dump::pieces(const DumpPlace& place, Room room) {
    switch (place.kind) {
        case BF_RECORD_BODY: return bodies(place, room);
        case BF_RECORD_STREAM: return streams(place, room);
        case BF_RECORD_ENTRY: return entries(place, room);
        case BF_RECORD_CURSOR: return cursors(place, room);
        case BF_RECORD_DOCUMENT: return documents(place, room);
        default: return jobs(place, room);
    }
}

Dump::Pieces Dump::bodies(const DumpPlace& place, Room room) {
    Pieces pieces;
    for (const auto& row : session_.run("dump_bodies", place.number, room.records, room.bytes)) {
        sdk::BodyRecord body;
        body.ref = count_at(row[0]);
        body.entries = count_at(row[1]);
        body.entry_kind = static_cast<std::uint32_t>(number_at(row[2]));
        body.is_remembered = !row[3].is_null();
        body.content_hash = bytes_at(row[3]);
        const auto note = notification_at(row, 4);
        body.notification = note;
        pieces.push_back({std::move(body), body_size(*note)});
    }
    if (!pieces.empty()) {
        subtract_leftovers(pieces);
    }
    return pieces;
}

/// Entries of streams that were reset count no more.
void Dump::subtract_leftovers(Pieces& bodies) {
    const auto ref_of = [](const Piece& piece) {
        return std::get<sdk::BodyRecord>(piece.record).ref;
    };
    std::map<std::uint64_t, std::uint64_t> gone;
    for (const auto& row : session_.run("dump_leftovers", ref_of(bodies.front()),
                                        ref_of(bodies.back()), bodies.size())) {
        gone.emplace(count_at(row[0]), count_at(row[1]));
    }
    for (auto& piece : bodies) {
        auto& body = std::get<sdk::BodyRecord>(piece.record);
        const auto found = gone.find(body.ref);
        body.entries -= found == gone.end() ? 0 : found->second;
        if (body.entries == 0) {
            auto note = std::make_shared<sdk::Notification>(*body.notification);
            empty(*note);
            body.notification = std::move(note);
            piece.is_needed = body.is_remembered;
        }
    }
}

Dump::Pieces Dump::streams(const DumpPlace& place, Room room) {
    Pieces pieces;
    for (const auto& row : session_.run("dump_streams", place.first, room.records)) {
        sdk::StreamRecord stream{string_at(row[0]), count_at(row[1]), count_at(row[2]),
                                 count_at(row[3]), count_at(row[4])};
        const auto size = kOverhead + stream.stream.size();
        pieces.push_back({std::move(stream), size});
    }
    return pieces;
}

Dump::Pieces Dump::entries(const DumpPlace& place, Room room) {
    Pieces pieces;
    for (const auto& row : session_.run("dump_entries", place.first, place.number, room.records)) {
        sdk::EntryRecord entry{string_at(row[0]),
                               count_at(row[1]),
                               count_at(row[2]),
                               number_at(row[3]),
                               static_cast<std::uint32_t>(number_at(row[4])),
                               static_cast<std::uint32_t>(number_at(row[5]))};
        const auto size = kOverhead + entry.stream.size();
        pieces.push_back({std::move(entry), size});
    }
    return pieces;
}

Dump::Pieces Dump::cursors(const DumpPlace& place, Room room) {
    Pieces pieces;
    for (const auto& row : session_.run("dump_cursors", place.first, place.second, room.records)) {
        sdk::CursorRecord cursor{
            string_at(row[0]),
            {string_at(row[1]), count_at(row[2]), count_at(row[3]), number_at(row[4])}};
        const auto size = kOverhead + cursor.stream.size() + cursor.cursor.device.size();
        pieces.push_back({std::move(cursor), size});
    }
    return pieces;
}

Dump::Pieces Dump::documents(const DumpPlace& place, Room room) {
    Pieces pieces;
    std::vector<std::int64_t> docs;
    for (const auto& row :
         session_.run("dump_documents", place.first, place.second, room.records, room.bytes)) {
        auto id = string_at(row[1]);
        sdk::DocumentRecord document{
            string_at(row[0]), {id, count_at(row[2]), bytes_at(row[3]), id}, {}};
        docs.push_back(number_at(row[4]));
        pieces.push_back({std::move(document), kOverhead + count_at(row[5])});
    }
    if (!pieces.empty()) {
        add_keys(pieces, docs);
    }
    return pieces;
}

void Dump::add_keys(Pieces& documents, const std::vector<std::int64_t>& docs) {
    for (const auto& row : session_.run("dump_keys", numbers_parameter(docs))) {
        auto& piece = documents.at(count_at(row[0]) - 1);
        std::get<sdk::DocumentRecord>(piece.record)
            .keys.push_back({string_at(row[1]), string_at(row[2]), flag_at(row[3])});
    }
}

Dump::Pieces Dump::jobs(const DumpPlace& place, Room room) {
    Pieces pieces;
    for (const auto& row :
         session_.run("dump_jobs", place.first, place.second, room.records, room.bytes)) {
        sdk::JobRecord job;
        job.job.queue = string_at(row[0]);
        job.job.id = string_at(row[1]);
        job.job.lane = string_at(row[2]);
        job.job.state = static_cast<std::uint32_t>(number_at(row[3]));
        job.job.due = number_at(row[4]);
        job.job.attempt = count_at(row[5]);
        job.job.lease = count_at(row[6]);
        job.leased_until = number_at(row[7]);
        job.job.payload = bytes_at(row[8]);
        job.job.reason = string_at(row[9]);
        const auto size = kOverhead + job.job.payload.size();
        pieces.push_back({std::move(job), size});
    }
    return pieces;
}

}  // namespace belfry::postgresql
