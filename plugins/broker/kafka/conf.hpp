/// Configurations of librdkafka's handles.
#pragma once

#include "plugins/broker/kafka/handles.hpp"
#include "plugins/broker/kafka/settings.hpp"

#include <initializer_list>
#include <string>
#include <utility>

namespace belfry::kafka {

using Properties = std::initializer_list<std::pair<const char*, std::string>>;

/// What goes wrong on a handle's connections; any thread that polls or destroys it.
class Troubles {
public:
    virtual ~Troubles() = default;
    virtual void trouble(rd_kafka_resp_err_t code, const std::string& text) = 0;
};

/// `defaults` hold unless the operator says otherwise, `fixed` whatever he says. Throws
/// sdk::Failure (invalid) naming the property.
[[nodiscard]] ConfPtr make_conf(const Settings& settings, Properties defaults, Properties fixed);

/// The same handle's errors go to `troubles`, which must outlive it. Throws sdk::Failure (invalid).
[[nodiscard]] HandlePtr make_handle(rd_kafka_type_t type, ConfPtr conf, Troubles& troubles);

/// What the operator set is what librdkafka understands and Belfry allows. Throws sdk::Failure
/// (invalid) naming the property.
void check_properties(const Settings& settings);

}  // namespace belfry::kafka
