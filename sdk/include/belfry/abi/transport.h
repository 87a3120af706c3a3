/* Session transports, sans-I/O: the daemon owns sockets, TLS, timers, queues and limits; the plugin
 * turns bytes into messages and messages into frames. */
#ifndef BELFRY_ABI_TRANSPORT_H
#define BELFRY_ABI_TRANSPORT_H

#include "core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One HTTP exchange or the byte stream it became. Belongs to the daemon; valid until `closed`. */
typedef struct bf_link bf_link;

typedef struct bf_request {
    uint32_t size;
    uint32_t http_minor; /* 0 or 1 */
    bf_str method;
    bf_str path;            /* decoded, without the query */
    bf_str query;           /* as sent, without '?' */
    const bf_pair* headers; /* names in lower case, in the order sent */
    uint64_t header_count;
    bf_bytes body;
    bf_str peer;           /* address for people and limits */
    const bf_pair* params; /* what the route's {name} parts matched */
    uint64_t param_count;
    uint64_t route; /* index in the plugin's route list */
} bf_request;

/* A path the plugin takes. "{name}" stands for one segment. */
typedef struct bf_route {
    uint32_t size;
    uint32_t flags; /* 0 */
    bf_str method;  /* empty = any */
    bf_str path;
    bf_str summary; /* for the OpenAPI document; empty = not listed */
} bf_route;

#define BF_FRAME_TEXT 0u /* a message in text */
#define BF_FRAME_BINARY 1u
#define BF_FRAME_PING 2u /* keeps the link alive; payload empty */

/* A message on its way out. */
typedef struct bf_outgoing {
    uint32_t size;
    uint32_t kind; /* BF_FRAME_... */
    bf_bytes payload;
    bf_str token; /* position after this message; empty where it moves none */
    bf_str event; /* what the message is, in the dialect's words: "entry", "hello" ... */
} bf_outgoing;

/* How a client wants to be attached. */
#define BF_ATTACH_ENTRIES \
    1u /* replies of this session are assembled by the transport: see `messages` */

typedef struct bf_attach {
    uint32_t size;
    uint32_t flags;    /* BF_ATTACH_... */
    bf_str dialect;    /* empty = the mount's */
    bf_str credential; /* bearer token; empty = anonymous */
    bf_str device;     /* cursor name; empty = none */
    bf_str since;      /* token; empty = the dialect's default */
    bf_str key;        /* non-empty: other links may join the session by this key */
    int64_t linger;    /* with a key: how long the session outlives its last link */
} bf_attach;

typedef struct bf_attached {
    uint32_t size;
    uint32_t
        status; /* BF_OK, or why not: BF_REFUSED (credential), BF_INVALID, BF_UNAVAILABLE ... */
    bf_str message;
    uint32_t http_status; /* what an HTTP answer should carry */
    uint32_t reserved;
    bf_str problem; /* body of such an answer, application/problem+json */
    int64_t ping;   /* silence after which the daemon asks the client for a sign of life */
    int64_t pong;   /* how long the client has to give one */
} bf_attached;

#define BF_TRANSPORT_ONE_WAY 1u /* the client cannot answer a ping: silence is no sign of death */

/* All calls for one link come on the link's own thread, never two at once; different links are
 * called at the same time. `frame` and `ping` may be called on any thread. Nothing may block.
 * `link_state` is what `open` returned. */
typedef struct bf_transport {
    uint32_t size;
    uint32_t flags; /* BF_TRANSPORT_... */
    /* -> the paths taken, valid as long as the instance. */
    const bf_route* (*routes)(void* instance, uint64_t* count);
    /* A request for one of the routes. Answers by bf_host.link_*, now or later. NULL is allowed. */
    void* (*open)(void* instance, bf_link* link, const bf_request* request);
    /* Bytes that came after the request on a link that became a stream. */
    void (*read)(void* instance, void* link_state, bf_bytes bytes);
    /* Answer to bf_host.link_attach. Sessions that are attached get their messages from then on;
     * the plugin sends the HTTP answer in this call at the latest. */
    void (*attached)(void* instance, void* link_state, const bf_attached* attached);
    /* A finished wire frame, one reference for the caller. Pure: same input, same bytes. */
    bf_buf* (*frame)(void* instance, const bf_outgoing* message);
    /* Only for sessions attached with BF_ATTACH_ENTRIES: what the session has to say. */
    void (*messages)(void* instance, void* link_state, const bf_outgoing* messages, uint64_t count);
    /* Say goodbye in the transport's way and call link_finish. */
    void (*close)(void* instance, void* link_state, uint32_t code, bf_str reason);
    /* The link is no more: free the state. The last call for it. */
    void (*closed)(void* instance, void* link_state);
    /* The timer set by link_timer rang. */
    void (*timer)(void* instance, void* link_state);
    /* Answer to bf_host.link_join: `owner_state` is the state of the link that attached with the
     * key, or NULL if there is none. Both links are on this thread from now on. */
    void (*joined)(void* instance, void* link_state, void* owner_state);
    /* Everything written to the link has been taken by the network. Optional. */
    void (*drained)(void* instance, void* link_state);
} bf_transport;

#ifdef __cplusplus
}
#endif
#endif
