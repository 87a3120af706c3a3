/* Values that every kind of plugin uses. */
#ifndef BELFRY_ABI_CORE_H
#define BELFRY_ABI_CORE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BF_ABI_MAJOR 1u
#define BF_ABI_MINOR 0u
/* The one exported symbol of a plugin: const bf_plugin* belfry_plugin_v1(const bf_host*). */
#define BF_ENTRY_SYMBOL "belfry_plugin_v1"

/* Does the struct behind `ptr` reach as far as `member`? */
#define BF_HAS(ptr, type, member) \
    ((ptr)->size >= offsetof(type, member) + sizeof(((const type*)0)->member))
/* Element `i` of an array of size-prefixed structs. */
#define BF_AT(type, array, i) \
    ((const type*)(const void*)((const char*)(const void*)(array) + (uint64_t)(i) * (array)->size))

typedef struct bf_str {
    const char* ptr;
    uint64_t len;
} bf_str;

typedef struct bf_bytes {
    const uint8_t* ptr;
    uint64_t len;
} bf_bytes;

/* Never grows. */
typedef struct bf_pair {
    bf_str name;
    bf_str value;
} bf_pair;

/* Immutable bytes with an atomic count of owners. Made by bf_host.buf_make; read directly. */
typedef struct bf_buf {
    const uint8_t* data;
    uint64_t len;
} bf_buf;

/* The closed set of outcomes. */
#define BF_OK 0u
#define BF_DUPLICATE 1u /* already there with the same content */
#define BF_CONFLICT 2u  /* already there with other content, or another version */
#define BF_NOT_FOUND 3u
#define BF_INVALID 4u     /* the caller's fault; the same call fails again */
#define BF_REFUSED 5u     /* understood and not allowed, or not supported */
#define BF_RETRY 6u       /* this try failed, a later one may not */
#define BF_UNAVAILABLE 7u /* the thing behind the plugin cannot be reached now */
#define BF_GONE 8u        /* was there and will not come back */
#define BF_CLOSED 9u      /* the instance is stopping or stopped */

typedef struct bf_result {
    uint32_t size;
    uint32_t status; /* BF_OK ... */
    bf_str message;  /* for people; empty on success */
    int64_t
        retry_after; /* with BF_RETRY and BF_UNAVAILABLE: no sooner than this; 0 = caller decides */
} bf_result;

/* A completion. `value` is what the call's description names, NULL unless status is BF_OK
 * (or BF_DUPLICATE where the description says so). Both are borrowed during the call. */
typedef struct bf_done {
    void* ctx;
    void (*call)(void* ctx, const bf_result* result, const void* value);
} bf_done;

/* A fact from outside, with the attributes of CloudEvents 1.0. */
typedef struct bf_event {
    uint32_t size;
    uint32_t flags; /* 0 */
    bf_str source;
    bf_str id;
    bf_str type;
    bf_str subject;
    int64_t time;
    bf_str content_type;
    bf_bytes data;
    const bf_pair* attributes; /* extension attributes */
    uint64_t attribute_count;
} bf_event;

/* What a person gets. */
typedef struct bf_notification {
    uint32_t size;
    int32_t priority; /* 0 = normal; higher is more urgent */
    bf_str id;        /* chosen by the daemon, unique, sortable by time */
    bf_str type;
    bf_str title;
    bf_str body;
    bf_bytes data;    /* stored and delivered byte for byte */
    bf_str data_type; /* media type of data; empty = application/json */
    bf_str collapse_key;
    int64_t created_at;
    int64_t expires_at; /* 0 = never */
    uint64_t revision;  /* 1 = as first written */
    bf_str source;      /* of the event behind it, with event_id the key of deduplication */
    bf_str event_id;
    bf_str trace; /* W3C traceparent, or empty */
} bf_notification;

/* What an entry says. */
#define BF_ENTRY_NOTIFICATION 0u
#define BF_ENTRY_REVISION 1u   /* replaces the notification with the same id */
#define BF_ENTRY_RETRACTION 2u /* takes it back */

/* Bits of bf_entry.state. */
#define BF_STATE_READ 1u
#define BF_STATE_ARCHIVED 2u
#define BF_STATE_SEEN 4u
/* Set by the storage, never by a mark: a later entry of the stream revises or retracts this one. */
#define BF_STATE_REVISED 8u
#define BF_STATE_RETRACTED 16u

/* A notification at a place. */
typedef struct bf_entry {
    uint32_t size;
    uint32_t kind;  /* BF_ENTRY_... */
    uint32_t state; /* BF_STATE_... */
    uint32_t reserved;
    bf_str stream;
    uint64_t epoch;
    uint64_t seq;
    int64_t read_at; /* 0 = unread */
    const bf_notification* notification;
} bf_entry;

#ifdef __cplusplus
}
#endif
#endif
