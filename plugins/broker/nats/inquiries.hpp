/// What is asked of the server about a source. All wait: not on the loop. Throw sdk::Failure.
#pragma once

#include "plugins/broker/nats/link.hpp"
#include "plugins/broker/nats/settings.hpp"

#include <belfry/broker.hpp>

#include <cstdint>

namespace belfry::nats {

/// Adds what the server knows.
[[nodiscard]] sdk::SourceStats ask_stats(const Link& link, const SourceSettings& source,
                                         sdk::SourceStats known);

/// Completes `done`.
void list_dead_letters(const Link& link, const SourceSettings& source, std::uint64_t limit,
                       sdk::Done<sdk::DeadLetters>& done);

struct ReplayLimits {
    std::uint64_t count = 0;
    std::int64_t before = 0;
};

/// -> how many. What was sent back before a failure stays so.
[[nodiscard]] std::uint64_t replay_dead_letters(const Link& link, const Settings& settings,
                                                const SourceSettings& source,
                                                const ReplayLimits& limits);

}  // namespace belfry::nats
