#define NAME "crash-constructor"
#include "skeleton.h"

#include <signal.h>

__attribute__((constructor)) static void crash(void) { raise(SIGSEGV); }

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    return &plugin;
}
