/// Names of destinations, and patterns over them.
#pragma once

#include <string_view>

namespace belfry::memory {

/// A name a message can be published to: not empty, at most 1,024 bytes, without control characters
/// and '>'.
[[nodiscard]] bool is_destination(std::string_view name);
/// A destination; "prefix.>", which stands for all that begin with "prefix."; or ">" for all.
[[nodiscard]] bool is_pattern(std::string_view text);
[[nodiscard]] bool matches(std::string_view pattern, std::string_view destination);

}  // namespace belfry::memory
