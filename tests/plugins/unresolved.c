#define NAME "unresolved"
#include "skeleton.h"
extern void nobody_has_this(void);

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    nobody_has_this();
    return &plugin;
}
