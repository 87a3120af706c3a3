/// What the library needs to know to connect.
#pragma once

#include "plugins/broker/nats/handles.hpp"
#include "plugins/broker/nats/settings.hpp"

#include <belfry/types.hpp>

namespace belfry::nats {

/// Reads the files that are named. Throws sdk::Failure (invalid).
[[nodiscard]] OptionsHandle make_options(const Settings& settings);

/// What a status of the library means for a caller.
[[nodiscard]] sdk::Failure failure_of(natsStatus status, const std::string& what);

}  // namespace belfry::nats
