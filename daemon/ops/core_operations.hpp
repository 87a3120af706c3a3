/// The operations the daemon has by itself.
#pragma once

#include "daemon/identity/identity.hpp"
#include "daemon/mailbox/mailbox.hpp"
#include "daemon/ops/operations.hpp"

namespace belfry::ops {

/// What the handlers work with; all of it outlives the table.
struct CoreParts {
    Identity& identity;
    Mailbox& mailbox;
};

/// users.register, users.me, auth.login, auth.token, notifications.publish, .publish_batch, .send,
/// mailbox.list, .get, .read, .unread.
Result<> add_core_operations(Operations& operations, const CoreParts& parts);

/// By area; add_core_operations calls them.
Result<> add_user_operations(Operations& operations, const CoreParts& parts);
Result<> add_publish_operations(Operations& operations, const CoreParts& parts);
Result<> add_mailbox_operations(Operations& operations, const CoreParts& parts);

}  // namespace belfry::ops
