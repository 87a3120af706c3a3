/* What the daemon offers to plugins. */
#ifndef BELFRY_ABI_HOST_H
#define BELFRY_ABI_HOST_H

#include "app.h"
#include "core.h"
#include "transport.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One instance's place in the daemon: its name is on all it logs, counts and reports. */
typedef struct bf_env bf_env;
typedef struct bf_metric bf_metric;
typedef struct bf_timer bf_timer;

#define BF_LOG_DEBUG 0u
#define BF_LOG_INFO 1u    /* life cycle */
#define BF_LOG_WARNING 2u /* degraded, heals by itself */
#define BF_LOG_ERROR 3u   /* someone must act */

#define BF_METRIC_COUNTER 0u
#define BF_METRIC_GAUGE 1u
#define BF_METRIC_HISTOGRAM 2u /* of seconds, 1 ms to 60 s */

#define BF_HEALTH_OK 0u
#define BF_HEALTH_DEGRADED 1u /* works, less well than it should */
#define BF_HEALTH_DOWN 2u     /* cannot do its work: the daemon is not ready */

typedef struct bf_call {
    uint32_t size;
    uint32_t flags;   /* 0 */
    bf_str operation; /* "notifications.publish" */
    bf_str principal; /* JSON; empty = the instance itself */
    bf_str input;     /* JSON */
} bf_call;

/* An outgoing HTTP request through the daemon's guarded client. */
typedef struct bf_egress {
    uint32_t size;
    uint32_t flags; /* 0 */
    bf_str method;
    bf_str url;
    const bf_pair* headers;
    uint64_t header_count;
    bf_bytes body;
    int64_t timeout;
    uint64_t max_response; /* bytes of body kept */
} bf_egress;

typedef struct bf_egress_response {
    uint32_t size;
    uint32_t http_status;
    const bf_pair* headers;
    uint64_t header_count;
    bf_bytes body;
    int64_t duration;
} bf_egress_response;

/* Every function may be called on any thread unless it says otherwise; none blocks. */
typedef struct bf_host {
    uint32_t size;
    uint16_t abi_major;
    uint16_t abi_minor;
    bf_str version; /* of the daemon */

    /* Why an entry function returns NULL, or `check`, `create` and `apply` fail. Same thread, once.
     */
    void (*fail)(const struct bf_host* host, bf_str reason);

    bf_buf* (*buf_make)(bf_bytes content); /* a copy, one reference for the caller */
    void (*buf_ref)(bf_buf* buf);
    void (*buf_unref)(bf_buf* buf);

    void (*log)(bf_env* env, uint32_t level, bf_str event, const bf_pair* fields, uint64_t count);
    /* The same name and labels give the same handle, which is valid as long as the instance.
     * Names begin behind "belfry_plugin_". */
    bf_metric* (*metric)(bf_env* env, uint32_t kind, bf_str name, bf_str help,
                         const bf_pair* labels, uint64_t count);
    void (*metric_add)(bf_metric* metric,
                       double value); /* counter: +value; gauge: +value; histogram: observe */
    void (*metric_set)(bf_metric* metric, double value); /* gauge */
    void (*health)(bf_env* env, uint32_t state, bf_str reason);

    int64_t (*now)(bf_env* env);       /* wall clock */
    int64_t (*monotonic)(bf_env* env); /* for measuring; no meaning outside the process */
    void (*random)(bf_env* env, uint8_t* out, uint64_t len);
    /* Calls `run(ctx, 1)` on the instance's executor: one task at a time, in order. */
    void (*post)(bf_env* env, void* ctx, void (*run)(void* ctx, uint32_t is_live));
    /* The same, no sooner than `delay`; coarse (10 ms). Cancelled by timer_cancel, which says 1, or
     * 0 where it is too late. The handle is used up by either. A timer that is pending when the
     * instance is stopped, or set from then on, gets `run(ctx, 0)`: free ctx and do nothing else.
     */
    bf_timer* (*timer)(bf_env* env, int64_t delay, void* ctx,
                       void (*run)(void* ctx, uint32_t is_live));
    uint32_t (*timer_cancel)(bf_env* env, bf_timer* timer);

    /* An event from outside. BF_OK or BF_DUPLICATE: its effect is durable. BF_RETRY with
     * retry_after: the daemon is full, offer it again. BF_INVALID, BF_CONFLICT: dead-letter it. */
    void (*ingest)(bf_env* env, const bf_event* event, bf_done done);
    /* One operation -> bf_str* JSON output; on failure the message is a problem document (RFC
     * 9457). */
    void (*call)(bf_env* env, const bf_call* call, bf_done done);
    /* Several operations as one commit group: all or none -> bf_str* JSON array of their outputs.
     */
    void (*transaction)(bf_env* env, const bf_call* calls, uint64_t count, bf_done done);
    /* -> bf_egress_response. BF_REFUSED: the address is not allowed. */
    void (*egress)(bf_env* env, const bf_egress* request, bf_done done);

    /* ---- for session transports; only on the link's thread --------------------------------------
     */
    /* A whole answer; the link is over when it has been sent. */
    void (*link_respond)(bf_link* link, uint32_t status, const bf_pair* headers, uint64_t count,
                         bf_bytes body);
    /* The head of an answer (101, or 200 with an open end); the link is a byte stream from then on.
     */
    void (*link_upgrade)(bf_link* link, uint32_t status, const bf_pair* headers, uint64_t count);
    void (*link_write)(bf_link* link, bf_buf* bytes); /* takes its own reference */
    /* Everything written goes out, then the stream is closed. */
    void (*link_finish)(bf_link* link);
    /* Answered by `attached`, later on this thread. At most one at a time. */
    void (*link_attach)(bf_link* link, const bf_attach* attach);
    void (*link_join)(bf_link* link, bf_str key); /* answered by `joined` */
    void (*link_message)(bf_link* link, bf_bytes message,
                         uint32_t is_text); /* what the client said */
    void (*link_alive)(bf_link* link);      /* the client gave a sign of life that is no message */
    void (*link_timer)(bf_link* link, int64_t delay); /* one per link; 0 = off */
    /* With BF_ATTACH_ENTRIES: up to `bytes` more of messages are welcome. */
    void (*link_want)(bf_link* link, uint64_t bytes);

    /* ---- for application plugins ---------------------------------------------------------------
     */
    void (*reply)(bf_reply* reply, uint32_t status, const bf_pair* headers, uint64_t count,
                  bf_bytes body);
    void (*session_send)(bf_session* session,
                         bf_bytes message); /* to this client only, not durable */
    void (*session_streams)(bf_session* session, const bf_str* streams,
                            uint64_t count); /* from now on */
    void (*session_close)(bf_session* session, uint32_t code, bf_str reason);
} bf_host;

#ifdef __cplusplus
}
#endif
#endif
