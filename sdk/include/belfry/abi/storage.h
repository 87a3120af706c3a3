/* Storage plugins: one write verb, a few reads. Text that is stored has no NUL in it (BF_INVALID).
 */
#ifndef BELFRY_ABI_STORAGE_H
#define BELFRY_ABI_STORAGE_H

#include "core.h"
#include "storage_read.h"
#include "storage_write.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- copying everything: dump and load ------------------------------------------------------ */

#define BF_RECORD_BODY 1u
#define BF_RECORD_STREAM 2u
#define BF_RECORD_ENTRY 3u
#define BF_RECORD_CURSOR 4u
#define BF_RECORD_DOCUMENT 5u
#define BF_RECORD_JOB 6u

/* First members of every record. */
typedef struct bf_record {
    uint32_t size;
    uint32_t kind; /* BF_RECORD_... */
} bf_record;

/* Entries name their body by `ref`. In one stream, refs grow with seq. */
typedef struct bf_record_body {
    bf_record record;
    uint32_t entry_kind;    /* BF_ENTRY_... */
    uint32_t is_remembered; /* 1: its pair (source, event_id) is, with content_hash */
    uint64_t ref;           /* > 0 */
    uint64_t entries;       /* how many have this body; 0: only the pair is still there */
    bf_bytes content_hash;
    const bf_notification* notification;
} bf_record_body;

typedef struct bf_record_stream {
    bf_record record;
    bf_str stream;
    uint64_t epoch;
    uint64_t earliest;
    uint64_t head;
    uint64_t unread;
} bf_record_stream;

typedef struct bf_record_entry {
    bf_record record;
    bf_str stream;
    uint64_t seq;
    uint64_t ref;
    int64_t read_at;
    uint32_t entry_kind;
    uint32_t state;
} bf_record_entry;

typedef struct bf_record_cursor {
    bf_record record;
    bf_str stream;
    const bf_cursor* cursor;
} bf_record_cursor;

typedef struct bf_record_document {
    bf_record record;
    bf_str collection;
    const bf_document* document;
    const bf_key* keys; /* in the order of index, then value */
    uint64_t key_count;
} bf_record_document;

typedef struct bf_record_job {
    bf_record record;
    const bf_job* job; /* `lease` included, so that fencing goes on */
    int64_t leased_until;
} bf_record_job;

/* Completion value of dump. */
typedef struct bf_records {
    uint32_t size;
    uint32_t more; /* 1: go on with `next` */
    bf_str next;   /* opaque, printable, the same for the same content */
    const bf_record* const* records;
    uint64_t count;
} bf_records;

/* Every call may come from any daemon thread, many at once, and must not block. */
typedef struct bf_storage {
    uint32_t size;
    uint32_t flags; /* 0 */
    /* -> bf_commit_value. Durable when completed with BF_OK. Calls take effect in the order made. A
     * result other than BF_OK says that no group was stored, or, with BF_RETRY, that it is unknown:
     * the daemon then repeats the call with BF_APPEND_REPEATED. */
    void (*commit)(void* instance, const bf_group* groups, uint64_t count, bf_done done);
    void (*read)(void* instance, const bf_read* query, bf_done done); /* -> bf_page */
    void (*heads)(void* instance, const bf_str* streams, uint64_t count,
                  bf_done done); /* -> bf_heads_value */
    /* Streams in the order of their names, behind `after` -> bf_heads_value. */
    void (*streams)(void* instance, bf_str after, uint64_t limit, bf_done done);
    void (*cursors)(void* instance, bf_str stream, bf_done done); /* -> bf_cursors_value */
    void (*get)(void* instance, bf_str collection, bf_str id,
                bf_done done); /* -> bf_document or BF_NOT_FOUND */
    void (*find)(void* instance, const bf_find* query, bf_done done); /* -> bf_documents */
    /* Leases up to `limit` jobs due at `now` until `until`; nobody else gets them before that
     * -> bf_jobs_value. */
    void (*claim)(void* instance, bf_str queue, int64_t now, int64_t until, uint64_t limit,
                  bf_done done);
    /* Jobs of a queue in a state, in the order of their ids, behind `after` -> bf_jobs_value. */
    void (*jobs)(void* instance, bf_str queue, uint32_t state, bf_str after, uint64_t limit,
                 bf_done done);
    void (*stats)(void* instance, bf_done done); /* -> bf_storage_stats */
    /* A consistent copy of everything, while running. */
    void (*backup)(void* instance, bf_str path, bf_done done);
    /* One device -> bf_cursors_value, empty where it has not moved. */
    void (*cursor)(void* instance, bf_str stream, bf_str device, bf_done done);
    /* Everything there is, while nobody writes: records behind `after` (empty = from the start)
     * -> bf_records. Order: bodies by ref, streams by name, entries by (stream, seq), cursors by
     * (stream, device), documents by (collection, id), jobs by (queue, id). Names in the order of
     * their bytes. At least one record is given whatever `max_bytes` is. */
    void (*dump)(void* instance, bf_str after, uint64_t limit, uint64_t max_bytes, bf_done done);
    /* Writes records as they are, in one durable transaction, in the order of dump, into a storage
     * that has nothing else; a document may be given again and is replaced. */
    void (*load)(void* instance, const bf_record* const* records, uint64_t count, bf_done done);
} bf_storage;

#ifdef __cplusplus
}
#endif
#endif
