#define NAME "changes-umask"
#include "skeleton.h"

#include <sys/stat.h>

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    umask(0);
    return &plugin;
}
