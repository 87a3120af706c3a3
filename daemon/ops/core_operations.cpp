#include "daemon/ops/core_operations.hpp"

namespace belfry::ops {

Result<> add_core_operations(Operations& operations, const CoreParts& parts) {
    for (auto* add : {add_user_operations, add_publish_operations, add_mailbox_operations,
                      add_storage_operations, add_source_operations}) {
        if (auto added = add(operations, parts); !added) {
            return added;
        }
    }
    return {};
}

}  // namespace belfry::ops
