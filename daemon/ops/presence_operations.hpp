/// Who is connected.
#pragma once

#include "daemon/ops/operations.hpp"
#include "daemon/plugin/storage.hpp"

namespace belfry::ops {

/// presence.get. `storage` outlives the table.
Result<> add_presence_operations(Operations& operations, Storage& storage);

}  // namespace belfry::ops
