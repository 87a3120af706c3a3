#define NAME "huge-descriptor"
#include "skeleton.h"

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    plugin.size = UINT32_MAX;
    return &plugin;
}
