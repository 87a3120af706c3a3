#include "plugins/broker/kafka/broker.hpp"

#include <belfry/plugin.hpp>

BELFRY_PLUGIN(belfry::kafka::Broker)
