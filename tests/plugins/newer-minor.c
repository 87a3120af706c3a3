#define NAME "newer-minor"
#include "skeleton.h"

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    plugin.abi_minor = BF_ABI_MINOR + 7;
    plugin.abi_minor_min = BF_ABI_MINOR + 7;
    return &plugin;
}
