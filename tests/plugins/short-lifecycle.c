#define NAME "short-lifecycle"
#include "skeleton.h"

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    lifecycle.size = offsetof(bf_lifecycle, destroy);
    return &plugin;
}
