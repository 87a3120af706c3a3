#define NAME "later-minor"
#include "skeleton.h"

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    plugin.abi_minor = BF_ABI_MINOR + 7; /* built with, not needed */
    return &plugin;
}
