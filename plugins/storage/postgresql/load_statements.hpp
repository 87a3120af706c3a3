/// What a load writes: arrays, one for each column, in the order of the records.
#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace belfry::postgresql {

inline constexpr std::string_view kLoadBodies = R"sql(
INSERT INTO @.bodies (ref, refs, kind, hash, id, revision, type, title, body, data, data_type,
    priority, collapse_key, created_at, expires_at, source, event_id, trace)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::text[],
    $6::bigint[], $7::text[], $8::text[], $9::text[], $10::bytea[], $11::text[], $12::bigint[],
    $13::text[], $14::bigint[], $15::bigint[], $16::text[], $17::text[], $18::text[]))sql";

inline constexpr std::string_view kLoadStreams = R"sql(
INSERT INTO @.streams (id, stream, epoch, earliest, head, unread, read_to, archived_to, seen_to)
SELECT nextval('@.stream_ids'), r.*, 0, 0, 0
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) r)sql";

// Fewer rows than given: a stream or a body is not there.
inline constexpr std::string_view kLoadEntries = R"sql(
INSERT INTO @.entries (stream_id, seq, ref, read_at, kind, state)
SELECT s.id, r.seq, r.ref, r.read_at, r.kind, r.state
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
    r (stream, seq, ref, read_at, kind, state)
JOIN @.streams s ON s.stream = r.stream JOIN @.bodies b ON b.ref = r.ref)sql";

inline constexpr std::string_view kLoadCursors = R"sql(
INSERT INTO @.cursors (stream, device, epoch, delivered, read, moved_at)
SELECT r.stream, r.device, coalesce(s.epoch, 0), r.delivered, r.read, r.moved_at
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
    r (stream, device, delivered, read, moved_at)
LEFT JOIN @.streams s ON s.stream = r.stream)sql";

inline constexpr std::string_view kLoadDocuments = R"sql(
INSERT INTO @.collections (name, id, version, document)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[])
ON CONFLICT (name, id) DO UPDATE SET version = excluded.version, document = excluded.document)sql";

inline constexpr std::string_view kLoadDropKeys = R"sql(
DELETE FROM @.keys WHERE doc IN (
    SELECT c.doc FROM unnest($1::text[], $2::text[]) r (name, id)
    JOIN @.collections c ON c.name = r.name AND c.id = r.id))sql";

inline constexpr std::string_view kLoadIndexes = R"sql(
INSERT INTO @.indexes (collection, name)
SELECT DISTINCT * FROM unnest($1::text[], $2::text[])
ON CONFLICT DO NOTHING)sql";

inline constexpr std::string_view kLoadKeys = R"sql(
INSERT INTO @.keys (space, value, id, doc, is_unique)
SELECT i.space, r.value, c.id, c.doc, bool_or(r.is_unique <> 0)
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
    r (collection, name, id, value, is_unique)
JOIN @.collections c ON c.name = r.collection AND c.id = r.id
JOIN @.indexes i ON i.collection = r.collection AND i.name = r.name
GROUP BY i.space, r.value, c.id, c.doc)sql";

// $1 collections, $2 documents -> an index in which one of them has a unique value that is taken.
inline constexpr std::string_view kLoadTaken = R"sql(
SELECT i.collection, i.name FROM unnest($1::text[], $2::text[]) r (name, id)
JOIN @.collections c ON c.name = r.name AND c.id = r.id
JOIN @.keys k ON k.doc = c.doc
JOIN @.keys o ON o.space = k.space AND left(o.value, 250) = left(k.value, 250)
    AND o.value = k.value AND o.doc <> k.doc AND (o.is_unique OR k.is_unique)
JOIN @.indexes i ON i.space = k.space LIMIT 1)sql";

inline constexpr std::string_view kLoadJobs = R"sql(
INSERT INTO @.jobs (queue, id, lane, state, due, attempt, lease, leased_until, payload, reason)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::bigint[], $9::bytea[], $10::text[]))sql";

// What is given out next is larger than what was loaded.
inline constexpr std::string_view kLoadRefs =
    "SELECT setval('@.refs', $1::bigint) FROM @.refs WHERE last_value <= $1::bigint";
inline constexpr std::string_view kLoadLeases =
    "SELECT setval('@.leases', $1::bigint) FROM @.leases WHERE last_value <= $1::bigint";

inline constexpr std::array<std::pair<const char*, std::string_view>, 12> kLoadStatements{{
    {"load_bodies", kLoadBodies},
    {"load_streams", kLoadStreams},
    {"load_entries", kLoadEntries},
    {"load_cursors", kLoadCursors},
    {"load_documents", kLoadDocuments},
    {"load_drop_keys", kLoadDropKeys},
    {"load_indexes", kLoadIndexes},
    {"load_keys", kLoadKeys},
    {"load_taken", kLoadTaken},
    {"load_jobs", kLoadJobs},
    {"load_refs", kLoadRefs},
    {"load_leases", kLoadLeases},
}};

}  // namespace belfry::postgresql
