#include <belfry/abi.h>

__attribute__((visibility("default"))) const bf_plugin* belfry_plugin_v0(const bf_host* host);
const bf_plugin* belfry_plugin_v0(const bf_host* host) {
    (void)host;
    return 0;
}
