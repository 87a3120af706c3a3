#define NAME "floods"
#include "skeleton.h"

#include <stdio.h>

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    for (;;) {
        puts("water");
    }
}
