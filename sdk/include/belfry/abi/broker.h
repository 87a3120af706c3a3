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

#define BF_SETTLED_OK 0u    /* the effect is durable: acknowledge */
#define BF_SETTLED_RETRY 1u /* deliver again, no sooner than `delay` */
#define BF_SETTLED_DEAD 2u  /* to the dead-letter destination with `reason`, then acknowledge */

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
    bf_str config;          /* JSON: what to consume, in the broker's own words */
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
    uint64_t dead;
    uint64_t reconnects;
} bf_source_stats;

/* Called from any thread; must not block. */
typedef struct bf_broker {
    uint32_t size;
    uint32_t flags; /* 0 */
    /* Confirmed: BF_OK once the broker has taken responsibility. */
    void (*publish)(void* instance, const bf_message* message, bf_done done);
    /* BF_OK once the subscription stands. It then survives reconnects by itself. */
    void (*consume)(void* instance, const bf_source* source, bf_done done);
    /* Ends deliveries of one source; what is in flight may still be settled. Completes when no
     * further deliver call will come. */
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
} bf_broker;

#ifdef __cplusplus
}
#endif
#endif
