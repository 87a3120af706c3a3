/// A broker in this process: queues with acknowledgements, and a bus.
#include <belfry/plugin.hpp>

#include "plugins/broker/memory/broker.hpp"

BELFRY_PLUGIN(belfry::memory::Broker)
