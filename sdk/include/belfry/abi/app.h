/* Application plugins: HTTP routes, dialects and steps of rules, all in terms of operations. */
#ifndef BELFRY_ABI_APP_H
#define BELFRY_ABI_APP_H

#include "core.h"
#include "transport.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An HTTP request waiting for its answer; ended by bf_host.reply, exactly once, on any thread. */
typedef struct bf_reply bf_reply;

/* An attached client as a dialect sees it; valid between dialect_open and dialect_closed. */
typedef struct bf_session bf_session;

typedef struct bf_session_info {
    uint32_t size;
    uint32_t flags;   /* 0 */
    bf_str principal; /* JSON: who attached; see sdk/README.md */
    bf_str device;
    bf_str since;
    const bf_request* request; /* the one that opened the link */
} bf_session_info;

/* Completion value of dialect_open. */
typedef struct bf_session_setup {
    uint32_t size;
    uint32_t flags;        /* BF_SETUP_... */
    const bf_str* streams; /* what the session is attached to */
    uint64_t stream_count;
    const bf_bytes* greeting; /* messages sent before any entry */
    uint64_t greeting_count;
} bf_session_setup;

#define BF_SETUP_FROM_HEAD \
    1u /* no `since`: begin behind the newest entry instead of the device's cursor */

/* Called from any thread; must not block. */
typedef struct bf_app {
    uint32_t size;
    uint32_t flags; /* 0 */
    const bf_route* (*routes)(void* instance, uint64_t* count);
    void (*request)(void* instance, const bf_request* request, bf_str principal, bf_reply* reply);
    /* Names of the dialects spoken, valid as long as the instance. */
    const bf_str* (*dialects)(void* instance, uint64_t* count);
    /* -> bf_session_setup, or why the client may not attach. */
    void (*dialect_open)(void* instance, uint64_t dialect, bf_session* session,
                         const bf_session_info* info, bf_done done);
    /* The message that tells of an entry, one reference for the caller; NULL = this dialect is
     * silent about it. Pure: same entry, same bytes. */
    bf_buf* (*dialect_encode)(void* instance, uint64_t dialect, const bf_entry* entry);
    /* What the client said. */
    void (*dialect_message)(void* instance, uint64_t dialect, bf_session* session, bf_bytes message,
                            uint32_t is_text);
    void (*dialect_closed)(void* instance, uint64_t dialect, bf_session* session);
    /* A custom step of a rule or job: JSON in -> bf_str* JSON out. */
    void (*step)(void* instance, bf_str name, bf_str input, bf_done done);
} bf_app;

#ifdef __cplusplus
}
#endif
#endif
