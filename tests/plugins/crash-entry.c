#define NAME "crash-entry"
#include "skeleton.h"

#include <signal.h>

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    raise(SIGSEGV);
    return &plugin;
}
