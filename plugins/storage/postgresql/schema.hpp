/// The tables, and how older ones become newer ones.
#pragma once

#include "plugins/storage/postgresql/session.hpp"

namespace belfry::postgresql {

/// Brings the schema to the newest version, step by step, each in a transaction of its own under a
/// lock; does nothing where it is there already. Many may call it at once; killed at any statement,
/// the next call goes on. Throws sdk::Failure (refused) for a schema of a newer version or of
/// another program and for a server that cannot be used, and SqlError.
void migrate(Session& session);

}  // namespace belfry::postgresql
