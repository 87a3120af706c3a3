#define NAME "half-broker"
#include "skeleton.h"

static void consume(void* instance, const bf_source* source, bf_done done) {
    (void)instance, (void)source;
    complete(done, BF_OK, "", NULL);
}
static bf_broker broker = {.size = sizeof broker, .consume = consume};

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    plugin.kind = BF_KIND_BROKER;
    plugin.table = &broker;
    return &plugin;
}
