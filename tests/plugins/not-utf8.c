#define NAME "not-utf8"
#include "skeleton.h"

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    plugin.summary = str("\xff\xfe");
    return &plugin;
}
