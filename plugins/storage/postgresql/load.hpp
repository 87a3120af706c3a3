/// Writes what a dump has given.
#pragma once

#include "plugins/storage/postgresql/session.hpp"

#include <belfry/records.hpp>

#include <vector>

namespace belfry::postgresql {

/// One thread.
class Load {
public:
    explicit Load(Session& session);

    /// One transaction. Throws sdk::Failure: conflict for a name that is taken, invalid for an
    /// entry without its stream or body, retry where the end of the transaction is not known; and
    /// SqlError, where nothing was written.
    void write(const std::vector<sdk::Record>& records);

private:
    void commit();
    void rollback();

    Session& session_;
};

}  // namespace belfry::postgresql
