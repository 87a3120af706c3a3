/// The operations the daemon has by itself.
#pragma once

#include "daemon/identity/identity.hpp"
#include "daemon/mailbox/mailbox.hpp"
#include "daemon/mailbox/sources.hpp"
#include "daemon/ops/operations.hpp"
#include "daemon/plugin/storage.hpp"

#include <string>

namespace belfry::ops {

struct StorageParts {
    Storage& storage;
    const Clock& clock;
    std::string backups;  ///< absolute; the folder that backups go to, made for the first one
};

/// What the handlers work with; all of it outlives the table.
struct CoreParts {
    Identity& identity;
    Mailbox& mailbox;
    StorageParts storage;
    const Sources& sources;
};

/// users.register, users.me, auth.login, auth.token, notifications.publish, .publish_batch, .send,
/// mailbox.list, .get, .read, .unread, storage.backup, .stats, sources.list, .dead_letters,
/// .replay.
Result<> add_core_operations(Operations& operations, const CoreParts& parts);

/// By area; add_core_operations calls them.
Result<> add_user_operations(Operations& operations, const CoreParts& parts);
Result<> add_publish_operations(Operations& operations, const CoreParts& parts);
Result<> add_mailbox_operations(Operations& operations, const CoreParts& parts);
Result<> add_storage_operations(Operations& operations, const CoreParts& parts);
Result<> add_source_operations(Operations& operations, const CoreParts& parts);

}  // namespace belfry::ops
