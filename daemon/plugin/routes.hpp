/// The paths a plugin takes.
#pragma once

#include "daemon/plugin/port.hpp"
#include "daemon/plugin/transport.hpp"

#include <belfry/abi.h>

#include <cstdint>
#include <vector>

namespace belfry::plugin {

/// Empty, and reported, where the list is nonsense. `routes` may be NULL.
std::vector<Route> read_routes(Port& port,
                               const bf_route* (*routes)(void* instance, std::uint64_t* count));

}  // namespace belfry::plugin
