#define NAME "no-stop"
#include "skeleton.h"

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    lifecycle.stop = NULL;
    return &plugin;
}
