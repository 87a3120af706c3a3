#include <belfry/abi.h>

#include <stdexcept>

namespace {

struct Bomb {
    Bomb() { throw std::runtime_error("static"); }
};
const Bomb kBomb;

}  // namespace

extern "C" __attribute__((visibility("default"))) const bf_plugin* belfry_plugin_v1(
    const bf_host* /*host*/) {
    return nullptr;
}
