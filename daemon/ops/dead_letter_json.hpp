/// Dead letters as operations tell of them.
#pragma once

#include "daemon/plugin/broker.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace belfry::ops {

/// JSON Schema of a dead letter.
extern const std::string_view kDeadLetterSchema;

/// An array, the oldest first. With bodies, those that no longer fit into a bound for all of them
/// are left out.
std::string print_dead_letters(const std::vector<Message>& messages, bool with_bodies);

}  // namespace belfry::ops
