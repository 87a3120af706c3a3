/* Storage plugins: one write verb, a few reads. Text that is stored has no NUL in it (BF_INVALID).
 */
#ifndef BELFRY_ABI_STORAGE_H
#define BELFRY_ABI_STORAGE_H

#include "core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- writing: groups of operations ---------------------------------------------------------- */

#define BF_OP_APPEND 1u
#define BF_OP_MARK 2u
#define BF_OP_CURSOR 3u
#define BF_OP_PUT 4u
#define BF_OP_DELETE 5u
#define BF_OP_OWE 6u
#define BF_OP_SETTLE 7u
#define BF_OP_TRIM 8u
#define BF_OP_RESET 9u

/* First members of every operation. An unknown kind is BF_REFUSED, which fails its group only. */
typedef struct bf_op {
    uint32_t size;
    uint32_t kind; /* BF_OP_... */
} bf_op;

/* An earlier commit of this very operation had an unknown outcome: if its notification id is stored
 * already, with this revision and kind, the answer is BF_DUPLICATE as below, pair or no pair. */
#define BF_APPEND_REPEATED 1u

/* Writes one body and one entry at the head of each stream; makes streams that are not there.
 * A revision sets BF_STATE_REVISED on the earlier entries of its notification id in each stream, a
 * retraction BF_STATE_RETRACTED. Unread are entries of the kind BF_ENTRY_NOTIFICATION that are
 * neither read nor retracted.
 * A pair (source, event_id) that was stored before: same content_hash -> BF_DUPLICATE with the
 * first result's notification id, epochs and seqs; other content_hash -> BF_CONFLICT. No pair, no
 * check. */
typedef struct bf_op_append {
    bf_op op;
    uint32_t entry_kind; /* BF_ENTRY_... */
    uint32_t flags;      /* BF_APPEND_... */
    const bf_notification* notification;
    bf_bytes content_hash;
    const bf_str* streams; /* distinct */
    uint64_t stream_count;
} bf_op_append;

/* Changes the state of entries: those in `seqs`, and all with seq <= up_to. Bits that only the
 * storage sets are left alone. value[1] of the result: 1 if `limit` has left something to do. */
typedef struct bf_op_mark {
    bf_op op;
    uint32_t set;   /* bits to set */
    uint32_t clear; /* bits to clear */
    bf_str stream;
    const uint64_t* seqs;
    uint64_t seq_count;
    uint64_t up_to; /* 0 = none */
    int64_t time;   /* becomes read_at where BF_STATE_READ is newly set */
    uint64_t epoch; /* 0 = any; in another epoch of the stream nothing is changed */
    uint64_t limit; /* of entries that up_to changes, oldest first; 0 = no bound */
} bf_op_mark;

/* Moves a device's cursors forward; a smaller value changes nothing. */
typedef struct bf_op_cursor {
    bf_op op;
    bf_str stream;
    bf_str device;
    uint64_t delivered; /* 0 = leave */
    uint64_t read;      /* 0 = leave */
    uint64_t epoch;     /* 0 = any; in another epoch of the stream nothing is changed */
    int64_t time;       /* of this move */
    uint64_t keep;      /* a new device drops those moved longest ago beyond this many; 0 = none */
} bf_op_cursor;

#define BF_VERSION_NONE 0u        /* the document must not exist */
#define BF_VERSION_ANY UINT64_MAX /* whatever is there is replaced */

/* A value under which a document can be found. Never grows. */
typedef struct bf_key {
    bf_str index;
    bf_str value;    /* compared as bytes */
    uint64_t unique; /* 1: no other document of the collection may have this value in this index */
} bf_key;

/* Writes a document. Other version than expected, or a unique key taken -> BF_CONFLICT, and the
 * message names the index. All keys of the former version are dropped. */
typedef struct bf_op_put {
    bf_op op;
    bf_str collection;
    bf_str id;
    uint64_t expected_version; /* BF_VERSION_NONE, BF_VERSION_ANY or the version read */
    bf_bytes document;
    const bf_key* keys;
    uint64_t key_count;
} bf_op_put;

typedef struct bf_op_delete {
    bf_op op;
    bf_str collection;
    bf_str id;
    uint64_t expected_version; /* BF_VERSION_ANY or the version read */
} bf_op_delete;

/* Adds a job to a durable queue: a delivery owed to an endpoint, an event owed to a broker, a
 * schedule's next turn. (queue, id) exists -> BF_DUPLICATE, unchanged. */
typedef struct bf_op_owe {
    bf_op op;
    bf_str queue;
    bf_str id;
    bf_str lane; /* jobs of one lane are claimed in the order of `due`; empty = no order */
    int64_t due;
    bf_bytes payload;
} bf_op_owe;

#define BF_SETTLE_DONE 0u  /* remove */
#define BF_SETTLE_AGAIN 1u /* keep, claimable from `due` on */
#define BF_SETTLE_DEAD 2u  /* keep as a dead letter with `reason` */

/* Ends a claim. A lease that is no longer the job's -> BF_CONFLICT, nothing changed (fencing). */
typedef struct bf_op_settle {
    bf_op op;
    uint32_t outcome; /* BF_SETTLE_... */
    uint32_t reserved;
    bf_str queue;
    bf_str id;
    uint64_t lease;
    int64_t due;
    bf_str reason;
} bf_op_settle;

/* Forgets old entries from the tail of streams, at most `limit` of them; `earliest` moves up.
 * value[0] of the result: how many went; value[1]: 1 if there is more to do. */
typedef struct bf_op_trim {
    bf_op op;
    bf_str stream;      /* empty = any stream */
    int64_t older_than; /* created before this time; 0 = no bound by age */
    uint64_t keep;      /* keep this many newest per stream; 0 = no bound by count */
    int64_t expired_at; /* expires_at not 0 and before this; 0 = no bound by expiry */
    uint64_t limit;
} bf_op_trim;

/* Empties a stream and gives it a new epoch, in time that does not depend on its length; what was
 * there may be cleared away by later trims. Makes the stream where it is not there. */
typedef struct bf_op_reset {
    bf_op op;
    bf_str stream;
} bf_op_reset;

/* All operations of a group take effect or none; an operation whose result is BF_DUPLICATE changes
 * nothing and fails nothing. Many groups may share a transaction; one group's failure leaves its
 * neighbours alone. Groups take effect in the order they were given. */
typedef struct bf_group {
    uint32_t size;
    uint32_t flags; /* 0 */
    const bf_op* const* ops;
    uint64_t op_count;
} bf_group;

typedef struct bf_op_result {
    uint32_t size;
    uint32_t status;
    bf_str id;              /* append: notification id (the first one's for BF_DUPLICATE) */
    const uint64_t* epochs; /* append: one for each stream */
    const uint64_t* seqs;   /* append: one for each stream */
    uint64_t count;         /* append: how many of them; mark: entries changed */
    uint64_t value[2];      /* put: version; mark: unread left; trim: see there */
} bf_op_result;

typedef struct bf_group_result {
    uint32_t size;
    uint32_t status; /* BF_OK: stored; else the first operation's failure, and nothing was stored */
    bf_str message;
    const bf_op_result*
        results; /* one for each operation; NULL where the group failed as a whole */
    uint64_t result_count;
} bf_group_result;

/* Completion value of commit. */
typedef struct bf_commit_value {
    uint32_t size;
    uint32_t reserved;
    const bf_group_result* groups; /* one for each group, in order */
    uint64_t group_count;
} bf_commit_value;

/* ---- reading -------------------------------------------------------------------------------- */

typedef struct bf_head {
    uint32_t size;
    uint32_t exists; /* 0: no such stream; the rest is 0 then */
    uint64_t epoch;
    uint64_t earliest; /* smallest seq still there; head + 1 when empty */
    uint64_t head;     /* largest seq ever given */
    uint64_t unread;
    bf_str stream;
} bf_head;

typedef struct bf_heads_value {
    uint32_t size;
    uint32_t reserved;
    const bf_head* heads; /* as asked, in order */
    uint64_t count;
} bf_heads_value;

#define BF_READ_BACKWARD 1u /* newest first, seq < `after` (0 = from the head) */

typedef struct bf_read {
    uint32_t size;
    uint32_t flags; /* BF_READ_... */
    bf_str stream;
    uint64_t after; /* exclusive */
    uint64_t limit;
    uint64_t
        max_bytes; /* stop once the texts and data read exceed this; at least one entry is read */
    uint32_t state_mask; /* only entries with (state & state_mask) == state_want */
    uint32_t state_want;
    bf_str notification_id; /* only this one; empty = all */
    bf_str type;            /* only this type; empty = all */
} bf_read;

typedef struct bf_page {
    uint32_t size;
    uint32_t more;       /* 1: there may be more, from `next` on */
    const bf_head* head; /* consistent with the entries: one snapshot */
    const bf_entry* entries;
    uint64_t count;
    uint64_t next; /* `after` of the next page. A query that leaves entries out looks at a bounded
                    * number of them, so a page may be short, even empty, and have more */
} bf_page;

typedef struct bf_document {
    uint32_t size;
    uint32_t reserved;
    bf_str id;
    uint64_t version; /* 1 = as first written */
    bf_bytes document;
    bf_str key; /* the value found in the index asked for; the id where none was */
} bf_document;

typedef struct bf_find {
    uint32_t size;
    uint32_t flags; /* BF_READ_BACKWARD */
    bf_str collection;
    bf_str index;     /* empty = by id */
    bf_str from;      /* inclusive; empty = no bound */
    bf_str to;        /* exclusive; empty = no bound */
    bf_str after_key; /* with after_id: continue behind this document; empty = from the start */
    bf_str after_id;
    uint64_t limit;
} bf_find;

typedef struct bf_documents {
    uint32_t size;
    uint32_t more;
    const bf_document* documents;
    uint64_t count;
} bf_documents;

typedef struct bf_cursor {
    uint32_t size;
    uint32_t reserved;
    bf_str device;
    uint64_t delivered;
    uint64_t read;
    int64_t moved_at;
} bf_cursor;

typedef struct bf_cursors_value {
    uint32_t size;
    uint32_t reserved;
    const bf_cursor* cursors;
    uint64_t count;
} bf_cursors_value;

#define BF_JOB_PENDING 0u
#define BF_JOB_DEAD 1u

typedef struct bf_job {
    uint32_t size;
    uint32_t state; /* BF_JOB_... */
    bf_str queue;
    bf_str id;
    bf_str lane;
    int64_t due;
    uint64_t attempt; /* claims so far, this one included */
    uint64_t lease;   /* fencing token of this claim */
    bf_bytes payload;
    bf_str reason; /* of a dead letter */
} bf_job;

typedef struct bf_jobs_value {
    uint32_t size;
    uint32_t more;
    const bf_job* jobs;
    uint64_t count;
} bf_jobs_value;

typedef struct bf_storage_stats {
    uint32_t size;
    uint32_t durable; /* 1: a completed commit survives loss of power as configured */
    uint64_t streams;
    uint64_t entries;
    uint64_t bytes;
    bf_str durability; /* for people: what the settings behind `durable` are */
} bf_storage_stats;

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
