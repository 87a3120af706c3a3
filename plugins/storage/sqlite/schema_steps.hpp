/// The steps from an empty database to the newest schema. Forward only: a step that was released
/// never changes; what is new is a further step.
#pragma once

#include <array>
#include <string_view>

namespace belfry::sqlite {

// streams.read_to, archived_to, seen_to: every entry up to there has the bit, so that marking all
// again does not walk the whole stream. bodies.refs: how many entries point there. In one stream,
// ref grows with seq.
inline constexpr std::string_view kFirst = R"sql(
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO settings VALUES ('lease', 0), ('probe', 0);

CREATE TABLE streams (
    id          INTEGER PRIMARY KEY,
    stream      TEXT NOT NULL UNIQUE,
    epoch       INTEGER NOT NULL,
    head        INTEGER NOT NULL,
    earliest    INTEGER NOT NULL,
    unread      INTEGER NOT NULL,
    read_to     INTEGER NOT NULL,
    archived_to INTEGER NOT NULL,
    seen_to     INTEGER NOT NULL
);

CREATE TABLE bodies (
    ref          INTEGER PRIMARY KEY,
    refs         INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    id           TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    type         TEXT NOT NULL,
    title        TEXT NOT NULL,
    body         TEXT NOT NULL,
    data         BLOB NOT NULL,
    data_type    TEXT NOT NULL,
    priority     INTEGER NOT NULL,
    collapse_key TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    source       TEXT NOT NULL,
    event_id     TEXT NOT NULL,
    trace        TEXT NOT NULL
);
CREATE INDEX bodies_id ON bodies (id);
CREATE INDEX bodies_forgotten ON bodies (created_at) WHERE refs = 0;

CREATE TABLE entries (
    stream_id INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    ref       INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    state     INTEGER NOT NULL,
    read_at   INTEGER NOT NULL,
    PRIMARY KEY (stream_id, seq)
) WITHOUT ROWID;

CREATE TABLE dedup (
    source TEXT NOT NULL,
    id     TEXT NOT NULL,
    ref    INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    PRIMARY KEY (source, id)
) WITHOUT ROWID;

CREATE TABLE cursors (
    stream    TEXT NOT NULL,
    device    TEXT NOT NULL,
    delivered INTEGER NOT NULL,
    read      INTEGER NOT NULL,
    PRIMARY KEY (stream, device)
) WITHOUT ROWID;

CREATE TABLE collections (
    doc      INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    id       TEXT NOT NULL,
    version  INTEGER NOT NULL,
    document BLOB NOT NULL,
    UNIQUE (name, id)
);

CREATE TABLE keys (
    collection TEXT NOT NULL,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,
    id         TEXT NOT NULL,
    doc        INTEGER NOT NULL,
    is_unique  INTEGER NOT NULL,
    PRIMARY KEY (collection, name, value, id)
) WITHOUT ROWID;
CREATE INDEX keys_doc ON keys (doc);

CREATE TABLE jobs (
    job          INTEGER PRIMARY KEY,
    queue        TEXT NOT NULL,
    id           TEXT NOT NULL,
    lane         TEXT NOT NULL,
    due          INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    attempt      INTEGER NOT NULL,
    lease        INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    payload      BLOB NOT NULL,
    reason       TEXT NOT NULL,
    UNIQUE (queue, id)
);
CREATE INDEX jobs_due ON jobs (queue, due) WHERE state = 0;
CREATE INDEX jobs_lane ON jobs (queue, lane, leased_until) WHERE state = 0 AND lane <> '';
CREATE INDEX jobs_dead ON jobs (queue, id) WHERE state = 1;

-- For people: what is in the mailboxes. user_id is text, and SQLite compares it with numbers as such.
CREATE VIEW notifications AS
SELECT b.id,
       CAST(substr(s.stream, 6) AS TEXT) AS user_id,
       b.type, b.title, b.body AS message, CAST(b.data AS TEXT) AS data, b.priority,
       (e.state & 1) <> 0 AS read,
       (e.state & 2) <> 0 AS archived,
       strftime('%Y-%m-%dT%H:%M:%fZ', b.created_at / 1e9, 'unixepoch') AS created_at,
       CASE WHEN e.read_at <> 0
            THEN strftime('%Y-%m-%dT%H:%M:%fZ', e.read_at / 1e9, 'unixepoch') END AS read_at,
       CASE WHEN b.expires_at <> 0
            THEN strftime('%Y-%m-%dT%H:%M:%fZ', b.expires_at / 1e9, 'unixepoch') END AS expires_at,
       s.stream, e.seq
FROM streams s JOIN entries e ON e.stream_id = s.id JOIN bodies b ON b.ref = e.ref
WHERE substr(s.stream, 1, 5) = 'user:' AND e.kind = 0;
)sql";

// What arrives under load is written as one row of `journal` for each commit, and moved into
// `entries` and `streams` a moment later: streams.head is the last entry that has its row.
// settings.journal is the number of the last row of it there was.
//
// bodies.hash: of the event's content; NULL where it is not remembered. What is short stands first,
// so that it is found without the rest. bodies.digest and entries.digest are checksums over what
// must not be confused. Which body came from an event is found in memory for the newest, up to
// settings.remembered, and by event_runs for the others: each is a table in itself of (hash of
// source and event id, ref), in blocks numbered (run << 32 | first bits of the hash).
//
// jobs.is_first: pending, and the first of its lane by due; all pending ones without a lane.
// cursors.moved_at: when the device moved last. cleared: former ids of streams that were reset,
// whose entries later trims remove.
inline constexpr std::string_view kSecond = R"sql(
DROP VIEW notifications;

CREATE TABLE new_bodies (
    ref          INTEGER PRIMARY KEY,
    refs         INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    digest       INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    source       TEXT NOT NULL,
    event_id     TEXT NOT NULL,
    hash         BLOB,
    id           TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    priority     INTEGER NOT NULL,
    type         TEXT NOT NULL,
    data_type    TEXT NOT NULL,
    collapse_key TEXT NOT NULL,
    trace        TEXT NOT NULL,
    title        TEXT NOT NULL,
    body         TEXT NOT NULL,
    data         BLOB NOT NULL
);
INSERT INTO new_bodies
SELECT b.ref, b.refs, b.kind,
       body_digest(b.ref, b.kind, b.created_at, b.expires_at, b.source, b.event_id, b.id, b.revision,
                   b.priority, b.type, b.data_type, b.collapse_key, b.trace, b.title, b.body, b.data),
       b.created_at, b.expires_at, b.source, b.event_id, d.hash, b.id, b.revision, b.priority,
       b.type, b.data_type, b.collapse_key, b.trace, b.title, b.body, b.data
FROM bodies b LEFT JOIN dedup d ON d.source = b.source AND d.id = b.event_id AND d.ref = b.ref
ORDER BY b.ref;
DROP TABLE bodies;
DROP TABLE dedup;
ALTER TABLE new_bodies RENAME TO bodies;
CREATE INDEX bodies_id ON bodies (id);
CREATE INDEX bodies_forgotten ON bodies (created_at) WHERE refs = 0;

CREATE TABLE new_entries (
    stream_id INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    ref       INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    state     INTEGER NOT NULL,
    read_at   INTEGER NOT NULL,
    digest    INTEGER NOT NULL,
    PRIMARY KEY (stream_id, seq)
) WITHOUT ROWID;
INSERT INTO new_entries
SELECT e.stream_id, e.seq, e.ref, e.kind, e.state, e.read_at,
       entry_digest(s.stream, e.seq, e.ref, e.kind)
FROM streams s CROSS JOIN entries e ON e.stream_id = s.id ORDER BY e.stream_id, e.seq;
DROP TABLE entries;
ALTER TABLE new_entries RENAME TO entries;

CREATE TABLE journal (
    number   INTEGER PRIMARY KEY,
    arrivals BLOB NOT NULL
);
INSERT INTO settings VALUES ('journal', 0), ('remembered', 0), ('event_key', randomblob(16));

CREATE TABLE event_runs (
    run     INTEGER PRIMARY KEY,
    level   INTEGER NOT NULL,
    bits    INTEGER NOT NULL,
    events  INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    is_gone INTEGER NOT NULL
);
CREATE TABLE event_blocks (
    block  INTEGER PRIMARY KEY,
    events BLOB NOT NULL
);
CREATE TABLE event_filters (
    piece INTEGER PRIMARY KEY,
    bits  BLOB NOT NULL
);

ALTER TABLE jobs ADD COLUMN is_first INTEGER NOT NULL DEFAULT 0;
UPDATE jobs SET is_first = 1 WHERE state = 0 AND NOT EXISTS (
    SELECT 1 FROM jobs b WHERE b.queue = jobs.queue AND b.lane = jobs.lane AND jobs.lane <> ''
    AND b.state = 0 AND (b.due, b.job) < (jobs.due, jobs.job));
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (queue, due) WHERE is_first = 1;
CREATE INDEX jobs_order ON jobs (queue, lane, due) WHERE state = 0 AND lane <> '';
CREATE INDEX jobs_first ON jobs (queue, lane) WHERE is_first = 1 AND lane <> '';

ALTER TABLE cursors ADD COLUMN moved_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE cleared (
    stream_id INTEGER PRIMARY KEY
);

-- For people: what is in the mailboxes, but for what arrived under load within the last moments.
CREATE VIEW notifications AS
SELECT b.id,
       CAST(substr(s.stream, 6) AS TEXT) AS user_id,
       b.type, b.title, b.body AS message, CAST(b.data AS TEXT) AS data, b.priority,
       (e.state & 1) <> 0 AS read,
       (e.state & 2) <> 0 AS archived,
       strftime('%Y-%m-%dT%H:%M:%fZ', b.created_at / 1e9, 'unixepoch') AS created_at,
       CASE WHEN e.read_at <> 0
            THEN strftime('%Y-%m-%dT%H:%M:%fZ', e.read_at / 1e9, 'unixepoch') END AS read_at,
       CASE WHEN b.expires_at <> 0
            THEN strftime('%Y-%m-%dT%H:%M:%fZ', b.expires_at / 1e9, 'unixepoch') END AS expires_at,
       s.stream, e.seq
FROM streams s JOIN entries e ON e.stream_id = s.id JOIN bodies b ON b.ref = e.ref
WHERE substr(s.stream, 1, 5) = 'user:' AND e.kind = 0;
)sql";

/// Step n leads from schema n to n + 1.
inline constexpr std::array kSteps{kFirst, kSecond};

}  // namespace belfry::sqlite
