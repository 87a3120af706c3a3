/* What a plugin shows of itself. */
#ifndef BELFRY_ABI_PLUGIN_H
#define BELFRY_ABI_PLUGIN_H

#include "app.h"
#include "broker.h"
#include "core.h"
#include "host.h"
#include "push.h"
#include "storage.h"
#include "transport.h"

#ifdef __cplusplus
extern "C" {
#endif

#define BF_KIND_STORAGE 1u
#define BF_KIND_BROKER 2u
#define BF_KIND_TRANSPORT 3u /* delivery: sessions */
#define BF_KIND_PUSH 4u      /* delivery: endpoints */
#define BF_KIND_APP 5u

#define BF_APPLIED 0u
#define BF_APPLY_RESTART 1u /* acceptable, but only by making a new instance */
#define BF_APPLY_FAILED 2u  /* not acceptable; bf_host.fail says why; nothing changed */

/* Life of an instance: create, start, then calls of its kind, drain, stop, destroy. Calls of the
 * life cycle come one at a time. */
typedef struct bf_lifecycle {
    uint32_t size;
    uint32_t flags; /* 0 */
    /* Is this configuration acceptable beyond what the schema says? Pure. 1, or 0 after
     * bf_host.fail. */
    uint32_t (*check)(bf_str config);
    /* `config` is valid by the schema, defaults filled in, secrets resolved. NULL after
     * bf_host.fail. */
    void* (*create)(bf_env* env, bf_str name, bf_str config);
    /* Connect, migrate, be ready for calls. */
    void (*start)(void* instance, bf_done done);
    /* Take nothing new; finish what is there, until `deadline` at the latest. */
    void (*drain)(void* instance, int64_t deadline, bf_done done);
    /* End all threads and calls. Nothing is called back after this completed. */
    void (*stop)(void* instance, bf_done done);
    void (*destroy)(void* instance);
    /* A new configuration that `check` has accepted. BF_APPLIED ... */
    uint32_t (*apply)(void* instance, bf_str config);
} bf_lifecycle;

/* The descriptor; static in the plugin. Accepted when abi_major is the host's, abi_minor_min is not
 * above the host's minor, and the table of its kind is there. */
typedef struct bf_plugin {
    uint32_t size;
    uint16_t abi_major;
    uint16_t abi_minor;     /* built with */
    uint16_t abi_minor_min; /* needs at least */
    uint16_t kind;          /* BF_KIND_... */
    uint32_t flags;         /* 0 */
    bf_str name;            /* [a-z][a-z0-9-]*, as profiles name it */
    bf_str version;
    bf_str summary;       /* one line for people */
    bf_str config_schema; /* JSON Schema, the subset of sdk/README.md */
    const bf_lifecycle* lifecycle;
    const void* table; /* bf_storage, bf_broker, bf_transport, bf_push or bf_app */
} bf_plugin;

typedef const bf_plugin* (*bf_entry_fn)(const bf_host* host);

#ifdef __cplusplus
}
#endif
#endif
