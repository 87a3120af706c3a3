/// What a dump asks: behind a place, in order.
#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace belfry::postgresql {

// Rows with much in them end with the one before which there was more than the bytes allowed.

// $1 ref, $2 rows, $3 bytes.
inline constexpr std::string_view kDumpBodies = R"sql(
SELECT b.ref, b.refs, b.kind, b.hash, b.id, b.revision, b.type, b.title, b.body, b.data, b.data_type,
       b.priority, b.collapse_key, b.created_at, b.expires_at, b.source, b.event_id, b.trace
FROM (SELECT a.*, sum(64 + octet_length(title) + octet_length(body) + octet_length(data)) OVER
          (ORDER BY ref ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM @.bodies a WHERE ref > $1::bigint ORDER BY ref LIMIT $2::bigint) b
WHERE coalesce(b.before, 0) <= $3::bigint ORDER BY b.ref)sql";

// How many entries of streams that were reset have a body from $1 to $2, between which there are
// $3. In each stream ref grows with seq, so that the first is found by halving.
inline constexpr std::string_view kDumpLeftovers = R"sql(
WITH RECURSIVE found (stream_id, low, high, head) AS (
    SELECT stream_id, earliest, head + 1, head FROM @.leftovers
    UNION ALL
    SELECT h.stream_id, CASE WHEN e.ref < $1::bigint THEN h.middle + 1 ELSE h.low END,
           CASE WHEN e.ref < $1::bigint THEN h.high ELSE h.middle END, h.head
    FROM (SELECT f.*, (f.low + f.high) / 2 AS middle FROM found f WHERE f.low < f.high) h
    JOIN @.entries e ON e.stream_id = h.stream_id AND e.seq = h.middle
)
SELECT e.ref, count(*) FROM found f CROSS JOIN LATERAL
    (SELECT ref FROM @.entries e WHERE e.stream_id = f.stream_id AND e.seq BETWEEN f.low AND f.head
     ORDER BY e.seq LIMIT $3::bigint) e
WHERE f.low = f.high AND e.ref <= $2::bigint GROUP BY e.ref)sql";

// $1 stream, $2 rows.
inline constexpr std::string_view kDumpStreams = R"sql(
SELECT stream, epoch, earliest, head, unread FROM @.streams
WHERE stream > $1 ORDER BY stream LIMIT $2::bigint)sql";

// $1 stream, $2 seq, $3 rows. The limit inside keeps one stream's entries from being sorted as a
// whole.
inline constexpr std::string_view kDumpEntries = R"sql(
SELECT s.stream, e.seq, e.ref, e.read_at, e.kind, e.state
FROM @.streams s CROSS JOIN LATERAL
    (SELECT * FROM @.entries e WHERE e.stream_id = s.id AND e.seq <= s.head AND
        e.seq >= greatest(s.earliest, CASE WHEN s.stream = $1 THEN $2::bigint + 1 ELSE 0 END)
     ORDER BY e.seq LIMIT $3::bigint) e
WHERE s.stream >= $1 ORDER BY s.stream, e.seq LIMIT $3::bigint)sql";

// $1 stream, $2 device, $3 rows.
inline constexpr std::string_view kDumpCursors = R"sql(
SELECT c.stream, c.device, c.delivered, c.read, c.moved_at
FROM @.cursors c LEFT JOIN @.streams s ON s.stream = c.stream
WHERE (c.stream, c.device) > ($1::text, $2::text) AND (c.epoch = 0 OR c.epoch = s.epoch)
ORDER BY c.stream, c.device LIMIT $3::bigint)sql";

// $1 collection, $2 id, $3 rows, $4 bytes.
inline constexpr std::string_view kDumpDocuments = R"sql(
SELECT c.name, c.id, c.version, c.document, c.doc, c.size
FROM (SELECT d.*, sum(d.size) OVER
          (ORDER BY name, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM (SELECT a.*, octet_length(document) + (SELECT coalesce(sum(octet_length(value)), 0)
                FROM @.keys k WHERE k.doc = a.doc) AS size
            FROM @.collections a WHERE (name, id) > ($1::text, $2::text)
            ORDER BY name, id LIMIT $3::bigint) d) c
WHERE coalesce(c.before, 0) <= $4::bigint ORDER BY c.name, c.id)sql";

// $1 documents -> the place of each among them, with each of its keys.
inline constexpr std::string_view kDumpKeys = R"sql(
SELECT d.place, i.name, k.value, k.is_unique
FROM unnest($1::bigint[]) WITH ORDINALITY d (doc, place)
JOIN @.keys k ON k.doc = d.doc JOIN @.indexes i ON i.space = k.space
ORDER BY d.place, i.name, k.value)sql";

// $1 queue, $2 id, $3 rows, $4 bytes.
inline constexpr std::string_view kDumpJobs = R"sql(
SELECT j.queue, j.id, j.lane, j.state, j.due, j.attempt, j.lease, j.leased_until, j.payload, j.reason
FROM (SELECT a.*, sum(octet_length(payload)) OVER
          (ORDER BY queue, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM @.jobs a WHERE (queue, id) > ($1::text, $2::text)
      ORDER BY queue, id LIMIT $3::bigint) j
WHERE coalesce(j.before, 0) <= $4::bigint ORDER BY j.queue, j.id)sql";

inline constexpr std::array<std::pair<const char*, std::string_view>, 8> kDumpStatements{{
    {"dump_bodies", kDumpBodies},
    {"dump_leftovers", kDumpLeftovers},
    {"dump_streams", kDumpStreams},
    {"dump_entries", kDumpEntries},
    {"dump_cursors", kDumpCursors},
    {"dump_documents", kDumpDocuments},
    {"dump_keys", kDumpKeys},
    {"dump_jobs", kDumpJobs},
}};

}  // namespace belfry::postgresql
