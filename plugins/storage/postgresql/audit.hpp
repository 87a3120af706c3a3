/// Whether the server keeps what it has acknowledged.
#pragma once

#include "plugins/storage/postgresql/session.hpp"

#include <string>

namespace belfry::postgresql {

struct Durability {
    bool is_durable = false;  ///< a commit survives loss of power
    std::string settings;     ///< for people
};

/// Reads fsync, full_page_writes and the session's synchronous_commit. Throws SqlError.
Durability audit(Session& session);

}  // namespace belfry::postgresql
