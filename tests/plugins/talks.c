#define NAME "talks"
#include "skeleton.h"

#include <stdio.h>

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    printf("{\"name\":\"forged\"}\n");
    fflush(stdout);
    return &plugin;
}
