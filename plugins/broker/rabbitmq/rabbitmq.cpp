/// RabbitMQ as a broker.
#include "plugins/broker/rabbitmq/broker.hpp"

#include <belfry/plugin.hpp>

BELFRY_PLUGIN(belfry::rabbitmq::Broker)
