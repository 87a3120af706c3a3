#include "daemon/plugin/routes.hpp"

#include "daemon/plugin/abi_values.hpp"

#include <string>

namespace belfry::plugin {
namespace {

constexpr std::uint64_t kMostRoutes = 4096;

}  // namespace

std::vector<Route> read_routes(Port& port,
                               const bf_route* (*routes)(void* instance, std::uint64_t* count)) {
    if (routes == nullptr) {
        return {};
    }
    std::uint64_t count = 0;
    const bf_route* first = visit(
        port, "routes", [&](void* instance) { return routes(instance, &count); },
        [&]() -> const bf_route* {
            count = 0;
            return nullptr;
        });
    const AbiArray<bf_route> given(first, count);
    if (!given.is_sound(kMostRoutes)) {
        port.env().violations().report("routes", "a list that is not there or too long");
        return {};
    }
    std::vector<Route> all;
    all.reserve(count);
    for (std::uint64_t index = 0; index < count; ++index) {
        const bf_route route = given[index];
        all.push_back({std::string(view(route.method)), std::string(view(route.path)),
                       std::string(view(route.summary))});
    }
    return all;
}

}  // namespace belfry::plugin
