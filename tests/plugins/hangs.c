#define NAME "hangs"
#include "skeleton.h"

#include <unistd.h>

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    for (;;) {
        pause();
    }
}
