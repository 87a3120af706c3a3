/// Functions that forget.
#pragma once

#include <string_view>

namespace belfry::postgresql {

// release: entries that pointed to these bodies are gone. The last one takes the content along; a
// body that an event made keeps its row, so that the event is still known. In the order of refs.
//
// trim_streams: `name` is empty for a round over all streams in the order of their ids, behind
// after_id; then next_id is where it has come to, 0 at its end. A round does not wait for streams
// others work on.
inline constexpr std::string_view kTrimFunctions = R"sql(
CREATE FUNCTION @.release(gone bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF gone IS NULL THEN
        RETURN;
    END IF;
    DELETE FROM @.bodies b
    USING (SELECT g.ref, count(*) AS n FROM unnest(gone) AS g(ref) GROUP BY g.ref ORDER BY g.ref) c
    WHERE b.ref = c.ref AND b.refs <= c.n AND b.hash IS NULL;
    UPDATE @.bodies b
    SET refs = b.refs - c.n,
        title = CASE WHEN b.refs > c.n THEN b.title ELSE '' END,
        body = CASE WHEN b.refs > c.n THEN b.body ELSE '' END,
        data = CASE WHEN b.refs > c.n THEN b.data ELSE '' END,
        collapse_key = CASE WHEN b.refs > c.n THEN b.collapse_key ELSE '' END,
        trace = CASE WHEN b.refs > c.n THEN b.trace ELSE '' END
    FROM (SELECT g.ref, count(*) AS n FROM unnest(gone) AS g(ref) GROUP BY g.ref ORDER BY g.ref) c
    WHERE b.ref = c.ref;
END $$;

CREATE FUNCTION @.sweep(made_before bigint, most bigint) RETURNS void LANGUAGE sql AS $$
    DELETE FROM @.bodies WHERE ref IN (
        SELECT b.ref FROM @.bodies b WHERE b.refs = 0 AND b.created_at < made_before
        ORDER BY b.created_at LIMIT most FOR UPDATE SKIP LOCKED)
$$;

CREATE FUNCTION @.clear_leftovers(most bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    l @.leftovers;
    last bigint;
    gone bigint[];
BEGIN
    SELECT * INTO l FROM @.leftovers t ORDER BY t.stream_id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF l.stream_id IS NULL THEN
        RETURN false;
    END IF;
    last := least(l.head, l.earliest + most - 1);
    WITH d AS (DELETE FROM @.entries e
               WHERE e.stream_id = l.stream_id AND e.seq BETWEEN l.earliest AND last
               RETURNING e.ref)
    SELECT array_agg(d.ref) INTO gone FROM d;
    PERFORM @.release(gone);
    UPDATE @.leftovers t SET earliest = last + 1 WHERE t.stream_id = l.stream_id;
    DELETE FROM @.leftovers t WHERE t.stream_id = l.stream_id AND t.earliest > t.head;
    RETURN true;
END $$;

CREATE FUNCTION @.trim_stream(sid bigint, waits boolean, older_than bigint, keep bigint,
                              expired_at bigint, most bigint, OUT removed bigint, OUT more boolean,
                              OUT gone bigint[])
LANGUAGE plpgsql AS $$
DECLARE
    s @.streams;
    e record;
    last bigint := 0;
    unread_gone bigint;
BEGIN
    removed := 0;
    more := false;
    IF waits THEN
        SELECT * INTO s FROM @.streams t WHERE t.id = sid FOR NO KEY UPDATE;
    ELSE
        SELECT * INTO s FROM @.streams t WHERE t.id = sid FOR NO KEY UPDATE SKIP LOCKED;
    END IF;
    IF s.id IS NULL OR s.head < s.earliest THEN
        RETURN;
    END IF;
    FOR e IN
        SELECT t.seq, b.created_at, b.expires_at FROM @.entries t
        LEFT JOIN LATERAL (SELECT * FROM @.bodies u WHERE u.ref = t.ref LIMIT 1) b ON true
        WHERE t.stream_id = sid ORDER BY t.seq
    LOOP
        EXIT WHEN NOT ((keep > 0 AND s.head - e.seq >= keep)
                       OR (older_than <> 0 AND e.created_at < older_than)
                       OR (expired_at <> 0 AND e.expires_at <> 0 AND e.expires_at < expired_at));
        IF e.seq - s.earliest >= most THEN
            more := true;
            EXIT;
        END IF;
        last := e.seq;
    END LOOP;
    IF last = 0 THEN
        RETURN;
    END IF;
    WITH d AS (DELETE FROM @.entries t WHERE t.stream_id = sid AND t.seq <= last
               RETURNING t.ref, t.kind = 0 AND (t.state & 17) = 0 AS was_unread)
    SELECT count(*), array_agg(d.ref), count(*) FILTER (WHERE d.was_unread)
    INTO removed, gone, unread_gone FROM d;
    UPDATE @.streams t SET earliest = last + 1, unread = t.unread - unread_gone WHERE t.id = sid;
END $$;

CREATE FUNCTION @.trim_streams(name text, after_id bigint, max_streams bigint, older_than bigint,
                       keep bigint, expired_at bigint, most bigint, OUT removed bigint,
                       OUT more boolean, OUT next_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
    s record;
    t record;
    gone bigint[];
    seen bigint := 0;
BEGIN
    removed := 0;
    more := false;
    next_id := after_id;
    FOR s IN
        WITH chunk AS MATERIALIZED (
            (SELECT i.id, i.head FROM @.streams i
             WHERE name = '' AND i.id > after_id AND i.earliest <= i.head
             ORDER BY i.id LIMIT max_streams)
            UNION ALL
            SELECT i.id, i.head FROM @.streams i WHERE name <> '' AND i.stream = name)
        SELECT i.id, f.seq IS NOT NULL
               AND ((keep > 0 AND i.head - f.seq >= keep)
                    OR (older_than <> 0 AND f.created_at < older_than)
                    OR (expired_at <> 0 AND f.expires_at <> 0 AND f.expires_at < expired_at)) AS due
        FROM chunk i
        LEFT JOIN LATERAL (
            SELECT e.seq, b.created_at, b.expires_at FROM @.entries e
            LEFT JOIN @.bodies b ON b.ref = e.ref
            WHERE e.stream_id = i.id ORDER BY e.seq LIMIT 1) f ON true
        ORDER BY i.id
    LOOP
        seen := seen + 1;
        IF s.due THEN
            t := @.trim_stream(s.id, name <> '', older_than, keep, expired_at, most - removed);
            removed := removed + t.removed;
            gone := gone || t.gone;
            IF t.more THEN
                more := true;
                EXIT;
            END IF;
        END IF;
        next_id := s.id;
    END LOOP;
    PERFORM @.release(gone);
    more := more OR (name = '' AND seen = max_streams);
    IF NOT more THEN
        next_id := 0;
    END IF;
END $$;
)sql";

}  // namespace belfry::postgresql
