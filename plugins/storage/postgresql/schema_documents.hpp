/// Functions that write documents and jobs.
#pragma once

#include <string_view>

namespace belfry::postgresql {

// lock_collections: documents of a collection are written by one transaction at a time, so what is
// unique stays unique and nobody waits in a circle. In the order given.
//
// put: wanted_version is -1 for any; `before` is the version found, 0 for none. Nothing is written
// where it is another one, or where `taken` names the index a value is taken in. Keys are distinct.
//
// claim: one at a time for each queue; of a lane, only the first job. What others are settling just
// now is left out.
inline constexpr std::string_view kDocumentFunctions = R"sql(
CREATE FUNCTION @.lock_collections(names text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY names LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('@.collections ' || name, 0));
    END LOOP;
END $$;

CREATE FUNCTION @.put(in_collection text, at_id text, wanted_version bigint, content bytea,
                      names text[], vals text[], uniques boolean[], OUT before bigint, OUT taken text)
LANGUAGE plpgsql AS $$
DECLARE
    own bigint;
BEGIN
    SELECT c.doc, c.version INTO own, before
    FROM @.collections c WHERE c.name = in_collection AND c.id = at_id;
    before := coalesce(before, 0);
    IF wanted_version >= 0 AND wanted_version <> before THEN
        RETURN;
    END IF;
    SELECT g.name INTO taken
    FROM unnest(names, vals, uniques) WITH ORDINALITY AS g(name, value, is_unique, at)
    JOIN @.indexes i ON i.collection = in_collection AND i.name = g.name
    JOIN @.keys k ON k.space = i.space AND left(k.value, 250) = left(g.value, 250)
        AND k.value = g.value AND k.doc IS DISTINCT FROM own AND (k.is_unique OR g.is_unique)
    ORDER BY g.at LIMIT 1;
    IF taken IS NOT NULL THEN
        RETURN;
    END IF;
    IF own IS NULL THEN
        INSERT INTO @.collections (name, id, version, document)
        VALUES (in_collection, at_id, 1, content) RETURNING doc INTO own;
    ELSE
        UPDATE @.collections SET version = before + 1, document = content WHERE doc = own;
        DELETE FROM @.keys WHERE doc = own;
    END IF;
    IF cardinality(names) > 0 THEN
        INSERT INTO @.indexes (collection, name)
        SELECT DISTINCT in_collection, g.name FROM unnest(names) AS g(name)
        WHERE NOT EXISTS (
            SELECT FROM @.indexes i WHERE i.collection = in_collection AND i.name = g.name);
        INSERT INTO @.keys
        SELECT i.space, g.value, at_id, own, g.is_unique
        FROM unnest(names, vals, uniques) AS g(name, value, is_unique)
        JOIN @.indexes i ON i.collection = in_collection AND i.name = g.name;
    END IF;
END $$;

CREATE FUNCTION @.remove(in_collection text, at_id text, wanted_version bigint, OUT before bigint)
LANGUAGE plpgsql AS $$
DECLARE
    own bigint;
BEGIN
    SELECT c.doc, c.version INTO own, before
    FROM @.collections c WHERE c.name = in_collection AND c.id = at_id;
    before := coalesce(before, 0);
    IF own IS NOT NULL AND (wanted_version < 0 OR wanted_version = before) THEN
        DELETE FROM @.keys WHERE doc = own;
        DELETE FROM @.collections WHERE doc = own;
    END IF;
END $$;

CREATE FUNCTION @.claim(from_queue text, at bigint, until bigint, most bigint, max_bytes bigint)
RETURNS TABLE (job bigint, id text, lane text, due bigint, attempt bigint, lease bigint,
               payload bytea, more boolean)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('@.jobs ' || from_queue, 0));
    RETURN QUERY
    WITH ready AS MATERIALIZED (
        SELECT j.job, j.due, j.lane, octet_length(j.payload) AS size
        FROM @.jobs j
        WHERE j.queue = from_queue AND j.state = 0 AND j.due <= at AND j.leased_until <= at
          AND (j.lane = '' OR NOT EXISTS (
              SELECT FROM @.jobs l
              WHERE l.queue = from_queue AND l.lane = j.lane AND l.lane <> '' AND l.state = 0
                AND l.leased_until > at))
          AND (j.lane = '' OR NOT EXISTS (
              SELECT FROM @.jobs l
              WHERE l.queue = from_queue AND l.lane = j.lane AND l.lane <> '' AND l.state = 0
                AND l.leased_until <= at AND (l.due, l.job) < (j.due, j.job)))
        ORDER BY j.due, j.job LIMIT most + 1),
    fitting AS MATERIALIZED (
        SELECT r.*, row_number() OVER w <= most
                    AND sum(r.size) OVER w - r.size <= max_bytes AS fits
        FROM ready r WINDOW w AS (ORDER BY r.due, r.job)),
    free AS MATERIALIZED (
        SELECT j.job FROM @.jobs j
        WHERE j.job IN (SELECT f.job FROM fitting f WHERE f.fits)
          AND j.state = 0 AND j.due <= at AND j.leased_until <= at
        FOR UPDATE SKIP LOCKED),
    chosen AS MATERIALIZED (
        SELECT f.job, nextval('@.leases') AS lease
        FROM (SELECT t.job FROM fitting t WHERE t.job IN (SELECT r.job FROM free r)
              ORDER BY t.due, t.job) f),
    leased AS (
        UPDATE @.jobs j SET attempt = j.attempt + 1, lease = c.lease, leased_until = until
        FROM chosen c WHERE j.job = c.job
        RETURNING j.job, j.id, j.lane, j.due, j.attempt, j.lease, j.payload)
    SELECT l.*, (SELECT bool_or(NOT f.fits) FROM fitting f) FROM leased l ORDER BY l.due, l.job;
END $$;
)sql";

}  // namespace belfry::postgresql
