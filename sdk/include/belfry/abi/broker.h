/* Broker plugins: confirmed publishing, acknowledged sources, and the bus between nodes. */
#ifndef BELFRY_ABI_BROKER_H
#define BELFRY_ABI_BROKER_H

#include "core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A message as the broker has it; decoding into an event is the daemon's part. */
typedef struct bf_message {
    uint32_t size;
    uint32_t flags;     /* 0 */
    bf_str destination; /* NATS subject, AMQP routing key, Kafka topic */
    bf_str exchange;    /* AMQP only */
    bf_str key;         /* ordering key, or empty */
    bf_str id;          /* the broker's or producer's message id, or empty */
    bf_str content_type;
    bf_bytes body;
    const bf_pair* headers;
    uint64_t header_count;
    int64_t time;     /* 0 = unknown */
    uint64_t attempt; /* 1 = first delivery; 0 = unknown */
    uint64_t token;   /* incoming only: names this delivery in settle */
    bf_str
        coordinates; /* incoming only: where it stood, e.g. "topic/3@1207"; a fallback identity */
} bf_message;

#define BF_SETTLED_OK 0u /* the effect is durable: acknowledge */
/* Handling it failed: deliver again with `attempt` one higher, no sooner than `delay` (0: by the
 * source's own schedule). After the last attempt the source allows: as BF_SETTLED_DEAD. */
#define BF_SETTLED_RETRY 1u
/* To the dead-letter destination with `reason`, and acknowledged once it is safe there. */
#define BF_SETTLED_DEAD 2u

typedef struct bf_settlement {
    uint32_t size;
    uint32_t outcome; /* BF_SETTLED_... */
    uint64_t token;
    int64_t delay;
    bf_str reason;
} bf_settlement;

/* A durable, acknowledged consumption. */
typedef struct bf_source {
    uint32_t size;
    uint32_t reserved;
    bf_str name;            /* the profile's name for it; unique in the instance */
    bf_str config;          /* JSON, valid by the table's source_schema, defaults filled in */
    uint64_t max_in_flight; /* delivered and not settled */
    /* The daemon takes messages here; any thread, one call at a time per source. Borrowed. */
    void* ctx;
    void (*deliver)(void* ctx, const bf_message* messages, uint64_t count);
} bf_source;

typedef struct bf_source_stats {
    uint32_t size;
    uint32_t connected;
    uint64_t lag; /* waiting at the broker; UINT64_MAX = unknown */
    uint64_t in_flight;
    uint64_t redelivered;
    uint64_t dead; /* sent to the dead letters since the start */
    uint64_t reconnects;
    int64_t oldest;        /* time of the oldest that waits at the broker; 0 = none or unknown */
    uint64_t dead_letters; /* waiting at the dead-letter destination; UINT64_MAX = unknown */
} bf_source_stats;

/* What a dead letter carries beside the message's own headers. */
#define BF_HEADER_REASON "belfry-reason"
#define BF_HEADER_SOURCE "belfry-source"
#define BF_HEADER_DESTINATION "belfry-destination" /* where it was consumed from */
#define BF_HEADER_COORDINATES "belfry-coordinates"
#define BF_HEADER_ATTEMPTS "belfry-attempts"
#define BF_HEADER_DEAD_AT "belfry-dead-at" /* RFC 3339, UTC */

typedef struct bf_dead_letters {
    uint32_t size;
    uint32_t reserved;
    const bf_message*
        messages; /* the oldest first; `destination` as it was when they were consumed */
    uint64_t count;
} bf_dead_letters;

typedef struct bf_replayed {
    uint32_t size;
    uint32_t reserved;
    uint64_t count; /* 0 = none is left */
} bf_replayed;

/* Called from any thread; must not block. */
typedef struct bf_broker {
    uint32_t size;
    uint32_t flags; /* 0 */
    /* Confirmed: BF_OK once the broker has taken responsibility. */
    void (*publish)(void* instance, const bf_message* message, bf_done done);
    /* BF_OK once the subscription stands. It then survives reconnects, and what it consumes from
     * being deleted and made again, by itself; while it does not stand the instance's health says
     * so. BF_INVALID or BF_NOT_FOUND names what is missing or differs at the broker. */
    void (*consume)(void* instance, const bf_source* source, bf_done done);
    /* Ends deliveries of one source; what is in flight may still be settled, and what is not
     * settled when the instance stops goes back to the broker. Completes when no further deliver
     * call will come. A source of the same name may be consumed again. */
    void (*cancel)(void* instance, bf_str source, bf_done done);
    /* Any order, exactly one per token. An unknown token (redelivered meanwhile) is ignored. */
    void (*settle)(void* instance, bf_str source, const bf_settlement* settlements, uint64_t count);
    /* paused != 0: deliver no more until resumed; heartbeats and leases go on. */
    void (*pause)(void* instance, bf_str source, uint32_t paused);
    /* The bus. Sends to every node that listens to `partition`, the sender included; may be lost,
     * never blocks, at most `partitions` (from `listen`) different ones. */
    void (*broadcast)(void* instance, uint32_t partition, bf_bytes message);
    /* Hears these partitions from now on (the set replaces the former one); `hear` may be called on
     * any thread. */
    void (*listen)(void* instance, const uint32_t* partitions, uint64_t count, void* ctx,
                   void (*hear)(void* ctx, uint32_t partition, bf_bytes message), bf_done done);
    void (*source_stats)(void* instance, bf_str source, bf_done done); /* -> bf_source_stats */
    bf_str source_schema; /* JSON Schema of bf_source.config, as bf_plugin.config_schema */
    /* The oldest dead letters of a source, at most `limit`; they stay. -> bf_dead_letters */
    void (*dead_letters)(void* instance, bf_str source, uint64_t limit, bf_done done);
    /* Publishes the oldest dead letters that died before `before` to where they came from, at most
     * `limit`; each leaves the dead letters once it is confirmed there. -> bf_replayed */
    void (*replay)(void* instance, bf_str source, uint64_t limit, int64_t before, bf_done done);
} bf_broker;

#ifdef __cplusplus
}
#endif
#endif
