/// Points in time as text.
#pragma once

#include <cstdint>
#include <string>

namespace belfry::memory {

/// RFC 3339 in UTC with milliseconds; `time`: nanoseconds since 1970.
[[nodiscard]] std::string rfc3339(std::int64_t time);

}  // namespace belfry::memory
