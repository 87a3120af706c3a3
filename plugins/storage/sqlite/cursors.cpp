#include "plugins/storage/sqlite/cursors.hpp"

#include "plugins/storage/sqlite/request.hpp"

namespace belfry::sqlite {

using sdk::view;

Cursors::Cursors(SQLite::Database& database, Streams& streams)
    : streams_(streams),
      move_(database,
            "UPDATE cursors SET delivered = max(delivered, ?3), read = max(read, ?4),"
            " moved_at = CASE WHEN ?3 > delivered OR ?4 > read THEN max(moved_at, ?5)"
            " ELSE moved_at END WHERE stream = ?1 AND device = ?2"),
      add_(database, "INSERT INTO cursors VALUES (?, ?, ?, ?, ?)"),
      evict_(database,
             "DELETE FROM cursors WHERE stream = ?1 AND device IN (SELECT device FROM cursors"
             " WHERE stream = ?1 AND device <> ?2 ORDER BY moved_at DESC, device"
             " LIMIT -1 OFFSET ?3)"),
      drop_(database, "DELETE FROM cursors WHERE stream = ?") {}

Fault Cursors::move(const bf_op_cursor& op) {
    const auto stream = view(op.stream);
    const auto device = view(op.device);
    if (op.epoch != 0) {
        const auto* known = streams_.find(stream);
        if (known == nullptr || known->epoch != op.epoch) {
            return {};
        }
    }
    const auto delivered = to_signed(op.delivered);
    const auto read = to_signed(op.read);
    if (move_.run(stream, device, delivered, read, op.time) != 0) {
        return {};
    }
    add_.run(stream, device, delivered, read, op.time);
    if (op.keep != 0) {
        evict_.run(stream, device, to_signed(op.keep - 1));
    }
    return {};
}

void Cursors::drop(std::string_view stream) { drop_.run(stream); }

}  // namespace belfry::sqlite
