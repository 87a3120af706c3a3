#include <belfry/abi.h>

#include <stdexcept>

extern "C" __attribute__((visibility("default"))) const bf_plugin* belfry_plugin_v1(
    const bf_host* /*host*/) {
    throw std::runtime_error("thrown by the entry function");
}
