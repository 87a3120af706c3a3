/// Times as clients write them.
#pragma once

#include "daemon/base/time.hpp"

#include <optional>
#include <string_view>

namespace belfry {

/// An RFC 3339 date-time with any offset and up to nine digits of a second, from 1970 to 2261.
std::optional<Nanos> parse_rfc3339(std::string_view text);

}  // namespace belfry
