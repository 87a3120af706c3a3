/// Operations on documents: put and delete.
#pragma once

#include "plugins/storage/sqlite/check.hpp"
#include "plugins/storage/sqlite/database.hpp"

#include <belfry/storage.hpp>

namespace belfry::sqlite {

/// Writer thread only. An operation fails before it has changed anything. SqlError from any
/// function: the transaction must be rolled back.
class Documents {
public:
    explicit Documents(SQLite::Database& database);

    Fault put(const bf_op_put& op, sdk::OpResult& result);
    /// not_found where there is no such document.
    Fault remove(const bf_op_delete& op);

private:
    struct Present {
        std::int64_t doc = 0;  ///< 0: there is none
        std::uint64_t version = 0;
    };

    Present present(bf_str collection, bf_str id);
    Fault check_keys(const bf_op_put& op, std::int64_t doc);
    std::int64_t write(const bf_op_put& op, Present before);

    Statement select_;
    Statement insert_;
    Statement update_;
    Statement delete_;
    Statement taken_;
    Statement add_key_;
    Statement drop_keys_;
};

}  // namespace belfry::sqlite
