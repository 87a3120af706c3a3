#define NAME "unknown-kind"
#include "skeleton.h"

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    plugin.kind = 99;
    return &plugin;
}
