/// A broker in this process: queues with acknowledgements, and a bus.
#include "plugins/broker/memory/broker.hpp"

#include <belfry/plugin.hpp>

BELFRY_PLUGIN(belfry::memory::Broker)
