/// Bodies of notifications, and who points at them.
#pragma once

#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/new_rows.hpp"

#include <belfry/storage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::sqlite {

/// Bodies are inserted together, when they are needed or the transaction ends. Writer thread only.
/// All functions throw SqlError.
class Bodies {
public:
    explicit Bodies(SQLite::Database& database);

    /// The number the next body gets; larger than that of every body there is, and than `above`.
    std::int64_t next_ref(std::int64_t above);
    /// Writes the next body, for the entries of the operation, which must be there until flush().
    void write(const bf_op_append& op);
    /// Before anything else looks at the table.
    void flush();
    /// The notification's id.
    std::string id_of(std::int64_t ref);
    /// The body that this very append has written before, if it has.
    std::optional<std::int64_t> ref_of(const bf_op_append& op);
    /// All with this notification id, the newest first.
    std::vector<std::int64_t> refs_of(std::string_view id);
    /// One entry less points there. The last one takes the content along; a body that an event made
    /// keeps its row, so that the event is still known.
    void release(std::int64_t ref);
    /// Removes up to `limit` rows without content that were made before `time`, and so their
    /// events; whether the limit was met.
    bool sweep(std::int64_t time, std::int64_t limit);
    /// The transaction was rolled back, or another program wrote.
    void forget();

private:
    SQLite::Database& database_;
    NewBodies new_;
    Statement insert_;
    Statement id_;
    Statement ref_;
    Statement refs_;
    Statement drop_;
    Statement empty_;
    Statement release_;
    Statement sweep_;
    std::int64_t next_ref_ = 0;  ///< 0: to be looked up
};

}  // namespace belfry::sqlite
