/* What is read from a storage. */
#ifndef BELFRY_ABI_STORAGE_READ_H
#define BELFRY_ABI_STORAGE_READ_H

#include "core.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
#endif
