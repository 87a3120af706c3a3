/* Push channels: deliveries to endpoints that do not hold a connection (webhook, mail). The daemon
 * owns the schedule, retries, breakers and dead letters; the plugin makes one attempt. */
#ifndef BELFRY_ABI_PUSH_H
#define BELFRY_ABI_PUSH_H

#include "core.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bf_delivery {
    uint32_t size;
    uint32_t flags;   /* 0 */
    bf_str id;        /* stable over all attempts */
    uint64_t attempt; /* 1 = first */
    bf_str endpoint;  /* JSON: the registration, secrets resolved */
    bf_bytes payload; /* frozen when it was owed; the same in all attempts */
    bf_str payload_type;
    uint64_t sequence;     /* order within the endpoint */
    int64_t deadline;      /* the attempt must have an outcome by then */
    const bf_entry* entry; /* NULL where the payload is no entry */
    bf_str trace;
} bf_delivery;

#define BF_DELIVERED 0u
#define BF_DELIVERY_RETRY 1u /* after `retry_after`, or by the schedule if 0 */
#define BF_DELIVERY_THROTTLED \
    2u /* the whole endpoint waits for `retry_after`; no attempt is consumed */
#define BF_DELIVERY_PERMANENT 3u /* this delivery will never succeed */
#define BF_DELIVERY_GONE 4u      /* the endpoint will never succeed: suspend it */
#define BF_DELIVERY_BLOCKED 5u   /* refused by egress policy */

/* Completion value of submit; given with BF_OK. A submit that fails otherwise is a retry. */
typedef struct bf_outcome {
    uint32_t size;
    uint32_t outcome; /* BF_DELIVERED ... ; an unknown code is a retry */
    uint32_t code;    /* the peer's own: HTTP status, SMTP reply; 0 = none */
    uint32_t flags;   /* 0 */
    int64_t retry_after;
    int64_t duration;
    bf_str detail;     /* for the endpoint's owner */
    bf_bytes response; /* the beginning of what the peer said */
} bf_outcome;

/* Called from any thread, up to `max_in_flight` submits at once; must not block. */
typedef struct bf_push {
    uint32_t size;
    uint32_t flags;         /* 0 */
    uint64_t max_in_flight; /* 0 = the daemon's default */
    void (*submit)(void* instance, const bf_delivery* delivery, bf_done done); /* -> bf_outcome */
    /* The attempt is no longer wanted; its completion still comes, soon. */
    void (*cancel)(void* instance, bf_str delivery_id);
    /* Is this registration acceptable? BF_OK with the document to store (bf_str*, secrets generated
     * where missing), or BF_INVALID with the JSON pointer of what is wrong in the message. */
    void (*register_endpoint)(void* instance, bf_str endpoint, bf_done done);
} bf_push;

#ifdef __cplusplus
}
#endif
#endif
