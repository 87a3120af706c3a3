/// NATS as a broker.
#include "plugins/broker/nats/broker.hpp"

BELFRY_PLUGIN(belfry::nats::Broker)
