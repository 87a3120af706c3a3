#define NAME "gives-reason"
#include "skeleton.h"

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    host->fail(host, str("the moon is not full"));
    return NULL;
}
