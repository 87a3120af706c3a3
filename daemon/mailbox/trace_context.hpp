/// W3C Trace Context.
#pragma once

#include <string_view>

namespace belfry {

/// A well-formed traceparent of version 00, or a later one as far as that can be told.
bool is_traceparent(std::string_view text);

}  // namespace belfry
