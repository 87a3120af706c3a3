/// Operations on devices' cursors.
#pragma once

#include "plugins/storage/sqlite/check.hpp"
#include "plugins/storage/sqlite/streams.hpp"

#include <belfry/storage.hpp>

namespace belfry::sqlite {

/// Writer thread only. SqlError from any function: the transaction must be rolled back.
class Cursors {
public:
    Cursors(SQLite::Database& database, Streams& streams);

    Fault move(const bf_op_cursor& op);
    void drop(std::string_view stream);

private:
    Streams& streams_;
    Statement move_;
    Statement add_;
    Statement evict_;
    Statement drop_;
};

}  // namespace belfry::sqlite
