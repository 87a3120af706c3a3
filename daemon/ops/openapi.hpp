/// The table of operations for readers and generators.
#pragma once

#include "daemon/ops/operations.hpp"

#include <string>

namespace belfry::ops {

/// An OpenAPI 3.1 document in JSON. A route behind an operation's first has the operationId
/// "<name>.<n>", n from 2.
std::string make_openapi(const Operations& operations);

}  // namespace belfry::ops
