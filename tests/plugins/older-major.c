#define NAME "older-major"
#include "skeleton.h"

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    plugin.abi_major = BF_ABI_MAJOR - 1;
    return &plugin;
}
