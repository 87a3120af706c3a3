#define NAME "no-json-schema"
#include "skeleton.h"

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    plugin.config_schema = str("type: object");
    return &plugin;
}
