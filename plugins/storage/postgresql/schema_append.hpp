/// Functions that write entries: what a commit sends is one call with arrays.
#pragma once

#include <string_view>

namespace belfry::postgresql {

// The writer's session plans without hash and merge joins, so a join follows the order of the
// arrays. LATERAL with LIMIT keeps a table from becoming the outer side.
//
// seq_of: the entry of a body in a stream: where seq grows, so does ref. 0 where it is not there.
//
// take_places: locks the streams in the order given, makes those that are not there, and gives them
// their entries' numbers. counts and unreads have one element where it holds for all.
//
// supersede: a revision (kind 1) or retraction (kind 2) marks the earlier entries of its
// notification.
//
// append: a column of the notes that has one value for all has one element. checks_pairs: look for
// the pairs first; without it, one that is known is a unique violation. The notes are in the order
// of their pairs, in which several nodes wait for each other's events; ranks has their places in
// the order of the call, and nothing where it is the same. of_stream, of_note and nth say for each
// entry its stream, its notification and which of the stream's new ones it is; all are empty where
// the only notification goes to every stream. Where some notifications are known already, it says
// which (by place and body, and whether the content is the same) and changes nothing. The bodies'
// refs are given while the streams are locked: that is why they grow with seq.
inline constexpr std::string_view kAppendFunctions = R"sql(
CREATE FUNCTION @.seq_of(sid bigint, low bigint, high bigint, wanted bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    middle bigint;
    here bigint;
BEGIN
    WHILE low <= high LOOP
        middle := low + (high - low) / 2;
        SELECT e.ref INTO here FROM @.entries e WHERE e.stream_id = sid AND e.seq = middle;
        IF here = wanted THEN
            RETURN middle;
        ELSIF here < wanted THEN
            low := middle + 1;
        ELSE
            high := middle - 1;
        END IF;
    END LOOP;
    RETURN 0;
END $$;

CREATE FUNCTION @.places(wanted bigint[], names text[], OUT epochs bigint[], OUT seqs bigint[])
LANGUAGE sql STABLE AS $$
    SELECT array_agg(coalesce(s.epoch, 0) ORDER BY g.at),
           array_agg(coalesce(@.seq_of(s.id, s.earliest, s.head, g.ref), 0) ORDER BY g.at)
    FROM unnest(wanted, names) WITH ORDINALITY AS g(ref, name, at)
    LEFT JOIN LATERAL (SELECT * FROM @.streams t WHERE t.stream = g.name LIMIT 1) s ON true
$$;

CREATE FUNCTION @.take_places(names text[], counts bigint[], unreads bigint[], new_epoch bigint,
                              OUT ids bigint[], OUT epochs bigint[], OUT heads bigint[])
LANGUAGE plpgsql AS $$
DECLARE
    met text[];
BEGIN
    IF cardinality(counts) = 1 AND cardinality(names) > 255 THEN
        WITH moved AS (
            UPDATE @.streams s SET head = s.head + counts[1], unread = s.unread + unreads[1]
            WHERE s.stream = ANY (names)
            RETURNING s.id, s.epoch, s.head, s.stream)
        SELECT array_agg(m.id), array_agg(m.epoch), array_agg(m.head), array_agg(m.stream)
        INTO ids, epochs, heads, met FROM moved m;
        IF met IS NOT DISTINCT FROM names THEN
            RETURN;
        END IF;
        INSERT INTO @.streams AS s
        SELECT nextval('@.stream_ids'), new_epoch, 1, 0, 0, 0, counts[1], unreads[1], g.name
        FROM unnest(names) AS g(name) WHERE g.name NOT IN (SELECT unnest(met))
        ON CONFLICT (stream) DO UPDATE
        SET head = s.head + excluded.head, unread = s.unread + excluded.unread;
        SELECT array_agg(s.id ORDER BY s.stream), array_agg(s.epoch ORDER BY s.stream),
               array_agg(s.head ORDER BY s.stream)
        INTO ids, epochs, heads FROM @.streams s WHERE s.stream = ANY (names);
        RETURN;
    END IF;
    WITH moved AS (
        INSERT INTO @.streams AS s
        SELECT nextval('@.stream_ids'), new_epoch, 1, 0, 0, 0,
               coalesce(g.n, counts[1]), coalesce(g.u, unreads[1]), g.name
        FROM unnest(names, counts, unreads) AS g(name, n, u)
        ON CONFLICT (stream) DO UPDATE
        SET head = s.head + excluded.head, unread = s.unread + excluded.unread
        RETURNING s.id, s.epoch, s.head)
    SELECT array_agg(m.id), array_agg(m.epoch), array_agg(m.head)
    INTO ids, epochs, heads FROM moved m;
END $$;

CREATE FUNCTION @.supersede(nid text, note_kind smallint, new_ref bigint, sids bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    bit integer := CASE note_kind WHEN 1 THEN 8 ELSE 16 END;
BEGIN
    WITH earlier AS MATERIALIZED (
        SELECT b.ref FROM @.bodies b WHERE b.id = nid AND b.ref < new_ref AND b.refs > 0),
    changed AS (
        UPDATE @.entries e SET state = e.state | bit
        FROM unnest(sids) AS g(sid)
        JOIN LATERAL (SELECT s.earliest, s.head FROM @.streams s WHERE s.id = g.sid LIMIT 1) s ON true
        CROSS JOIN earlier b
        CROSS JOIN LATERAL (SELECT @.seq_of(g.sid, s.earliest, s.head, b.ref) AS seq OFFSET 0) p
        WHERE e.stream_id = g.sid AND e.seq = p.seq AND (e.state & bit) = 0
        RETURNING e.stream_id, e.kind = 0 AND (e.state & 1) = 0 AS was_unread)
    UPDATE @.streams s SET unread = s.unread - c.n
    FROM (SELECT stream_id, count(*) AS n FROM changed WHERE was_unread GROUP BY stream_id) c
    WHERE s.id = c.stream_id AND bit = 16;
END $$;

CREATE FUNCTION @.append(
    new_epoch bigint, checks_pairs boolean, names text[], counts bigint[], unreads bigint[],
    of_stream integer[], of_note integer[], nth integer[], repeated integer[], ranks integer[],
    fans bigint[], created bigint[], expires bigint[], revisions bigint[], priorities integer[],
    kinds smallint[], nids text[], types text[], titles text[], texts text[], datas bytea[],
    data_types text[], collapse_keys text[], sources text[], event_ids text[], traces text[],
    hashes bytea[], OUT epochs bigint[], OUT heads bigint[],
    OUT known_notes bigint[], OUT known_refs bigint[], OUT known_same bigint[])
LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
    new_refs bigint[];
    note integer;
BEGIN
    SELECT array_agg(k.at), array_agg(k.ref), array_agg(k.same)
    INTO known_notes, known_refs, known_same
    FROM (SELECT r.at::bigint, b.ref, 1::bigint AS same
          FROM unnest(repeated) AS r(at)
          CROSS JOIN LATERAL (
              SELECT t.ref FROM @.bodies t
              WHERE t.id = nids[r.at] AND t.revision = coalesce(revisions[r.at], revisions[1])
                AND t.kind = coalesce(kinds[r.at], kinds[1])
              ORDER BY t.ref LIMIT 1) b
          UNION ALL
          SELECT g.at, b.ref, CASE WHEN b.hash = g.hash THEN 1 ELSE 0 END
          FROM unnest(sources, event_ids, hashes) WITH ORDINALITY AS g(source, event_id, hash, at)
          CROSS JOIN LATERAL (
              SELECT t.ref, t.hash FROM @.bodies t
              WHERE @.bounded_key(t.source) = @.bounded_key(coalesce(g.source, sources[1]))
                AND @.bounded_key(t.event_id)
                    = @.bounded_key(coalesce(g.event_id, event_ids[1]))
                AND t.hash IS NOT NULL LIMIT 1) b
          WHERE checks_pairs AND g.hash IS NOT NULL) k;
    IF known_notes IS NOT NULL THEN
        RETURN;
    END IF;

    SELECT p.ids, p.epochs, p.heads INTO ids, epochs, heads
    FROM @.take_places(names, counts, unreads, new_epoch) p;
    SELECT array_agg(nextval('@.refs')) INTO new_refs FROM generate_series(1, cardinality(nids));
    IF cardinality(ranks) > 0 THEN
        SELECT array_agg(new_refs[g.rank] ORDER BY g.at) INTO new_refs
        FROM unnest(ranks) WITH ORDINALITY AS g(rank, at);
    END IF;
    INSERT INTO @.bodies
    SELECT g.ref, coalesce(g.fan, fans[1]), g.created, coalesce(g.expiry, expires[1]),
           coalesce(g.revision, revisions[1]), coalesce(g.priority, priorities[1]),
           coalesce(g.kind, kinds[1]), g.nid, coalesce(g.type, types[1]),
           coalesce(g.title, titles[1]), coalesce(g.body, texts[1]), g.data,
           coalesce(g.data_type, data_types[1]), coalesce(g.collapse_key, collapse_keys[1]),
           coalesce(g.source, sources[1]), coalesce(g.event_id, event_ids[1]),
           coalesce(g.trace, traces[1]), g.hash
    FROM unnest(new_refs, fans, created, expires, revisions, priorities, kinds, nids, types, titles,
                texts, datas, data_types, collapse_keys, sources, event_ids, traces, hashes)
        AS g(ref, fan, created, expiry, revision, priority, kind, nid, type, title, body, data,
             data_type, collapse_key, source, event_id, trace, hash);

    IF cardinality(of_stream) = 0 THEN
        INSERT INTO @.entries
        SELECT g.id, g.head, new_refs[1], 0, 0, kinds[1] FROM unnest(ids, heads) AS g(id, head);
    ELSE
        INSERT INTO @.entries
        SELECT ids[g.s], heads[g.s] - coalesce(counts[g.s], counts[1]) + g.k, new_refs[g.n], 0, 0,
               coalesce(kinds[g.n], kinds[1])
        FROM unnest(of_stream, of_note, nth) AS g(s, n, k);
    END IF;
    IF 1 = ANY (kinds) OR 2 = ANY (kinds) THEN
        FOR note IN SELECT g.at FROM unnest(nids) WITH ORDINALITY AS g(nid, at)
                    WHERE coalesce(kinds[g.at], kinds[1]) IN (1, 2) ORDER BY g.at LOOP
            PERFORM @.supersede(nids[note], coalesce(kinds[note], kinds[1]), new_refs[note],
                CASE WHEN cardinality(of_stream) = 0 THEN ids
                     ELSE (SELECT array_agg(ids[g.s]) FROM unnest(of_stream, of_note) AS g(s, n)
                           WHERE g.n = note) END);
        END LOOP;
    END IF;
END $$;
)sql";

}  // namespace belfry::postgresql
