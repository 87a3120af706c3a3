/// Functions that change streams without writing entries.
#pragma once

#include <string_view>

namespace belfry::postgresql {

// lock_streams: in the order of their names, so that several nodes cannot wait for each other in a
// circle. Streams that may be made are made at once: a name that another transaction is just making
// is a lock, too. `absent` are those that are not there, by place; `made` are the ids of those that
// drop_unused takes away again where nothing has come into them.
//
// mark: changes the entries in `seqs`, and up to `most` (0: all) of those up to `up_to`; see
// bf_op_mark. What is marked already up to some place is not looked at again.
//
// move_cursors: each (stream, device) once, and no stream twice with a `keep`.
//
// reset: what was there stays behind under the stream's former id.
inline constexpr std::string_view kMarkFunctions = R"sql(
CREATE FUNCTION @.lock_streams(names text[], may_make boolean[], new_epoch bigint,
                               OUT absent bigint[], OUT made bigint[])
LANGUAGE plpgsql AS $$
DECLARE
    own bigint;
    got bigint;
BEGIN
    absent := '{}';
    made := '{}';
    IF (SELECT count(*) FROM @.streams s WHERE s.stream = ANY (names)) = cardinality(names) THEN
        PERFORM FROM @.streams s WHERE s.stream = ANY (names) ORDER BY s.stream FOR NO KEY UPDATE;
        RETURN;
    END IF;
    FOR i IN 1 .. cardinality(names) LOOP
        PERFORM FROM @.streams s WHERE s.stream = names[i] FOR NO KEY UPDATE;
        IF FOUND THEN
            CONTINUE;
        ELSIF NOT may_make[i] THEN
            absent := absent || i::bigint;
            CONTINUE;
        END IF;
        own := nextval('@.stream_ids');
        INSERT INTO @.streams VALUES (own, new_epoch, 1, 0, 0, 0, 0, 0, names[i])
        ON CONFLICT (stream) DO UPDATE SET unread = streams.unread RETURNING id INTO got;
        IF got = own THEN
            made := made || own;
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION @.drop_unused(made bigint[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM @.streams WHERE id = ANY (made) AND head = 0
$$;

CREATE FUNCTION @.mark_entries(sid bigint, low bigint, high bigint, seqs bigint[], most bigint,
                               sets integer, clears integer, at bigint, OUT changed bigint,
                               OUT unread bigint, OUT last bigint, OUT more boolean)
LANGUAGE plpgsql AS $$
BEGIN
    WITH old AS MATERIALIZED (
        (SELECT e.seq, e.kind, e.state, (e.state & ~clears) | sets AS after FROM @.entries e
         WHERE seqs IS NULL AND e.stream_id = sid AND e.seq BETWEEN low AND high
           AND ((e.state & ~clears) | sets) <> e.state
         ORDER BY e.seq LIMIT nullif(most, 0) + 1)
        UNION ALL
        SELECT e.seq, e.kind, e.state, (e.state & ~clears) | sets FROM @.entries e
        WHERE e.stream_id = sid AND e.seq = ANY (seqs) AND e.seq BETWEEN low AND high
          AND ((e.state & ~clears) | sets) <> e.state),
    done AS (
        UPDATE @.entries e
        SET state = o.after,
            read_at = CASE WHEN (o.after & 1) = 0 THEN 0 WHEN (o.state & 1) = 0 THEN at
                           ELSE e.read_at END
        FROM (SELECT * FROM old ORDER BY old.seq LIMIT nullif(most, 0)) o
        WHERE e.stream_id = sid AND e.seq = o.seq
        RETURNING o.seq, o.kind = 0 AND (o.state & 17) = 0 AS was,
                  o.kind = 0 AND (o.after & 17) = 0 AS is_now)
    SELECT count(*), count(*) FILTER (WHERE d.is_now) - count(*) FILTER (WHERE d.was), max(d.seq),
           (SELECT count(*) FROM old) > count(*)
    INTO changed, unread, last, more FROM done d;
END $$;

CREATE FUNCTION @.mark(name text, sets integer, clears integer, seqs bigint[], up_to bigint,
                       at bigint, wanted_epoch bigint, most bigint, OUT changed bigint,
                       OUT left_unread bigint, OUT more boolean)
LANGUAGE plpgsql AS $$
DECLARE
    s @.streams;
    m record;
    low bigint;
    high bigint;
BEGIN
    changed := 0;
    left_unread := 0;
    more := false;
    SELECT * INTO s FROM @.streams t WHERE t.stream = name FOR NO KEY UPDATE;
    left_unread := coalesce(s.unread, 0);
    IF s.id IS NULL OR (wanted_epoch <> 0 AND wanted_epoch <> s.epoch) THEN
        RETURN;
    END IF;
    IF cardinality(seqs) > 0 THEN
        m := @.mark_entries(s.id, s.earliest, s.head, seqs, 0, sets, clears, at);
        changed := m.changed;
        s.unread := s.unread + m.unread;
        low := greatest(0, (SELECT min(g.seq) - 1 FROM unnest(seqs) AS g(seq)));
        IF (clears & ~sets & 1) <> 0 THEN s.read_to := least(s.read_to, low); END IF;
        IF (clears & ~sets & 2) <> 0 THEN s.archived_to := least(s.archived_to, low); END IF;
        IF (clears & ~sets & 4) <> 0 THEN s.seen_to := least(s.seen_to, low); END IF;
    END IF;
    IF up_to > 0 THEN
        low := s.earliest;
        IF clears = 0 AND (sets & ~7) = 0 THEN
            low := greatest(low, 1 + least(
                CASE WHEN (sets & 1) <> 0 THEN s.read_to ELSE s.head END,
                CASE WHEN (sets & 2) <> 0 THEN s.archived_to ELSE s.head END,
                CASE WHEN (sets & 4) <> 0 THEN s.seen_to ELSE s.head END));
        END IF;
        high := least(up_to, s.head);
        m := @.mark_entries(s.id, low, high, NULL, most, sets, clears, at);
        changed := changed + m.changed;
        s.unread := s.unread + m.unread;
        more := m.more;
        IF more THEN
            high := m.last;
        END IF;
        s.read_to := @.marked_to(s.read_to, sets & 1, clears & 1, s.earliest, low, high);
        s.archived_to := @.marked_to(s.archived_to, sets & 2, clears & 2, s.earliest, low, high);
        s.seen_to := @.marked_to(s.seen_to, sets & 4, clears & 4, s.earliest, low, high);
    END IF;
    left_unread := s.unread;
    UPDATE @.streams t
    SET unread = s.unread, read_to = s.read_to, archived_to = s.archived_to, seen_to = s.seen_to
    WHERE t.id = s.id AND (t.unread, t.read_to, t.archived_to, t.seen_to)
        IS DISTINCT FROM (s.unread, s.read_to, s.archived_to, s.seen_to);
END $$;

CREATE FUNCTION @.marked_to(marked bigint, sets integer, clears integer, earliest bigint, low bigint,
                            high bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN high < low THEN marked
    WHEN sets <> 0 AND low <= greatest(marked + 1, earliest) THEN greatest(marked, high)
    WHEN sets = 0 AND clears <> 0 THEN least(marked, low - 1)
    ELSE marked
END;

CREATE FUNCTION @.move_cursors(names text[], devices text[], epochs bigint[], delivered bigint[],
                               reads bigint[], times bigint[], keeps bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    fresh record;
BEGIN
    FOR fresh IN
        WITH given AS MATERIALIZED (
            SELECT g.*, coalesce(s.epoch, 0) AS now_epoch, c.device IS NULL AS is_new
            FROM unnest(names, devices, epochs, delivered, reads, times, keeps)
                AS g(stream, device, epoch, delivered, read, moved_at, keep)
            LEFT JOIN LATERAL (
                SELECT t.epoch FROM @.streams t WHERE t.stream = g.stream LIMIT 1) s ON true
            LEFT JOIN LATERAL (
                SELECT t.device FROM @.cursors t
                WHERE t.stream = g.stream AND t.device = g.device LIMIT 1) c ON true
            WHERE g.epoch = 0 OR g.epoch = s.epoch),
        moved AS (
            INSERT INTO @.cursors AS c (stream, device, epoch, delivered, read, moved_at)
            SELECT g.stream, g.device, g.now_epoch, g.delivered, g.read, g.moved_at FROM given g
            ON CONFLICT (stream, device) DO UPDATE
            SET epoch = excluded.epoch,
                delivered = CASE WHEN c.epoch IN (0, excluded.epoch)
                    THEN greatest(c.delivered, excluded.delivered) ELSE excluded.delivered END,
                read = CASE WHEN c.epoch IN (0, excluded.epoch)
                    THEN greatest(c.read, excluded.read) ELSE excluded.read END,
                moved_at = CASE WHEN c.epoch NOT IN (0, excluded.epoch) THEN excluded.moved_at
                    WHEN excluded.delivered > c.delivered OR excluded.read > c.read
                    THEN greatest(c.moved_at, excluded.moved_at) ELSE c.moved_at END)
        SELECT g.stream, g.device, g.keep FROM given g WHERE g.is_new AND g.keep > 0
    LOOP
        DELETE FROM @.cursors c WHERE c.stream = fresh.stream AND c.device IN (
            SELECT o.device FROM @.cursors o
            WHERE o.stream = fresh.stream AND o.device <> fresh.device
            ORDER BY o.moved_at DESC, o.device OFFSET fresh.keep - 1);
    END LOOP;
END $$;

CREATE FUNCTION @.reset(name text, new_epoch bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s @.streams;
BEGIN
    INSERT INTO @.streams VALUES (nextval('@.stream_ids'), new_epoch, 1, 0, 0, 0, 0, 0, name)
    ON CONFLICT (stream) DO UPDATE SET unread = streams.unread
    RETURNING * INTO s;
    INSERT INTO @.leftovers SELECT s.id, s.earliest, s.head WHERE s.head >= s.earliest;
    UPDATE @.streams t
    SET id = nextval('@.stream_ids'),
        epoch = CASE WHEN s.epoch = new_epoch THEN new_epoch # 1 ELSE new_epoch END, earliest = 1,
        read_to = 0, archived_to = 0, seen_to = 0, head = 0, unread = 0
    WHERE t.id = s.id;
    DELETE FROM @.cursors c WHERE c.stream = name;
END $$;
)sql";

}  // namespace belfry::postgresql
