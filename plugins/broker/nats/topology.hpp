/// What a source needs at the server: a stream, a consumer, a place for dead letters.
#pragma once

#include "plugins/broker/nats/link.hpp"
#include "plugins/broker/nats/settings.hpp"

#include <cstdint>
#include <string>

namespace belfry::nats {

/// A consumer as it was found.
struct Standing {
    std::int64_t stream_created = 0;
    std::int64_t consumer_created = 0;  ///< after a restart a server may say it was a moment later
    std::int64_t ack_wait = 0;
    std::uint64_t max_batch = 0;     ///< of a pull; 0 = any
    std::int64_t max_expires = 0;    ///< of a pull; 0 = any
    bool keeps_acknowledged = true;  ///< the stream does, by its limits
};

/// Verifies, or makes what is missing, as the settings say. Waits for the server. Throws
/// sdk::Failure: not_found or invalid name what is missing or differs, unavailable.
[[nodiscard]] Standing stand(const Link& link, const SourceSettings& source,
                             std::uint64_t max_in_flight);

}  // namespace belfry::nats
