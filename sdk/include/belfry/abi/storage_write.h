/* What is written to a storage: groups of operations. Text that is stored has no NUL in it
 * (BF_INVALID). Names, of streams, devices, collections, documents, queues and jobs, have 1 to 512
 * bytes; a longer one is taken or BF_INVALID. */
#ifndef BELFRY_ABI_STORAGE_WRITE_H
#define BELFRY_ABI_STORAGE_WRITE_H

#include "core.h"

#ifdef __cplusplus
extern "C" {
#endif

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
 * storage sets are left alone. Where BF_STATE_READ is cleared, read_at becomes 0. value[1] of the
 * result: 1 if `limit` has left something to do. */
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

/* Moves a device's cursors forward; a smaller value changes nothing, and where neither moves, the
 * time of the last move stays. */
typedef struct bf_op_cursor {
    bf_op op;
    bf_str stream;
    bf_str device;
    uint64_t delivered; /* 0 = leave */
    uint64_t read;      /* 0 = leave */
    uint64_t epoch;     /* 0 = any; in another epoch of the stream nothing is changed */
    int64_t time;       /* of this move */
    uint64_t keep; /* a new device drops those moved longest ago beyond so many, itself counted;
                    * 0 = none */
} bf_op_cursor;

#define BF_VERSION_NONE 0u        /* the document must not exist */
#define BF_VERSION_ANY UINT64_MAX /* whatever is there is replaced */

/* A value under which a document can be found. Never grows. */
typedef struct bf_key {
    bf_str index;
    bf_str value;    /* compared as bytes */
    uint64_t unique; /* 1: no other document of the collection may have this value in this index */
} bf_key;

/* Writes a document; its first version is 1, each further one 1 more. Other version than expected,
 * or a unique key taken -> BF_CONFLICT, and the message names the index. All keys of the former
 * version are dropped. */
typedef struct bf_op_put {
    bf_op op;
    bf_str collection;
    bf_str id;
    uint64_t expected_version; /* BF_VERSION_NONE, BF_VERSION_ANY or the version read */
    bf_bytes document;
    const bf_key* keys;
    uint64_t key_count;
} bf_op_put;

/* Not there -> BF_NOT_FOUND; other version than expected -> BF_CONFLICT. */
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
    bf_str lane; /* jobs of one lane are claimed in the order of `due`, one at a time: the next when
                  * the former is settled or dead; empty = no order */
    int64_t due;
    bf_bytes payload;
} bf_op_owe;

#define BF_SETTLE_DONE 0u  /* remove */
#define BF_SETTLE_AGAIN 1u /* keep, claimable from `due` on */
#define BF_SETTLE_DEAD 2u  /* keep as a dead letter with `reason` */

/* Ends a claim. A lease that is no longer the job's -> BF_CONFLICT, nothing changed (fencing). It
 * stays the job's after its end, until the job is claimed again, and when the job is dead. */
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
 * there may be cleared away by later trims. Its cursors are gone. Makes the stream where it is not
 * there. */
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

#ifdef __cplusplus
}
#endif
#endif
