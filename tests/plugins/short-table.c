#define NAME "short-table"
#include "skeleton.h"

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    app.size = offsetof(bf_app, step);
    return &plugin;
}
