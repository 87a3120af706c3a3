#include "plugins/storage/sqlite/bodies.hpp"

#include "plugins/storage/sqlite/body.hpp"
#include "plugins/storage/sqlite/request.hpp"

#include <algorithm>
#include <utility>

namespace belfry::sqlite {

using sdk::view;

Bodies::Bodies(SQLite::Database& database)
    : database_(database), new_(database),
      insert_(database, "INSERT INTO bodies SELECT * FROM new_bodies"),
      id_(database, "SELECT id FROM bodies WHERE ref = ?"),
      ref_(database, "SELECT ref FROM bodies WHERE id = ? AND revision = ? AND kind = ?"),
      refs_(database, "SELECT ref FROM bodies WHERE id = ? AND refs <> 0 ORDER BY ref DESC"),
      drop_(database, "DELETE FROM bodies WHERE ref = ? AND refs = 1 AND hash IS NULL"),
      empty_(database,
             "UPDATE bodies SET refs = 0, title = '', body = '', data = x'', collapse_key = '',"
             " trace = '' WHERE ref = ? AND refs = 1"),
      release_(database, "UPDATE bodies SET refs = refs - 1 WHERE ref = ?"),
      sweep_(database,
             "DELETE FROM bodies WHERE ref IN (SELECT ref FROM bodies"
             " WHERE refs = 0 AND created_at < ? ORDER BY created_at LIMIT ?)") {}

std::int64_t Bodies::next_ref(std::int64_t above) {
    if (next_ref_ == 0) {
        flush();
        next_ref_ = query_number(database_, "SELECT coalesce(max(ref), 0) + 1 FROM bodies");
    }
    next_ref_ = std::max(next_ref_, above + 1);
    return next_ref_;
}

void Bodies::write(const bf_op_append& op) {
    new_.add(next_ref_, op);
    ++next_ref_;
}

void Bodies::flush() {
    if (new_.size() != 0) {
        insert_.run();
        new_.clear();
    }
}

void Bodies::forget() {
    next_ref_ = 0;
    new_.clear();
}

std::string Bodies::id_of(std::int64_t ref) {
    flush();
    auto rows = id_.query(ref);
    return rows.next() ? std::string(rows.text(0)) : std::string();
}

std::optional<std::int64_t> Bodies::ref_of(const bf_op_append& op) {
    flush();
    const auto& note = *op.notification;
    auto rows = ref_.query(view(note.id), to_signed(note.revision), op.entry_kind);
    return rows.next() ? std::optional(rows.number(0)) : std::nullopt;
}

std::vector<std::int64_t> Bodies::refs_of(std::string_view id) {
    flush();
    std::vector<std::int64_t> refs;
    auto rows = refs_.query(id);
    while (rows.next()) {
        refs.push_back(rows.number(0));
    }
    return refs;
}

void Bodies::release(std::int64_t ref) {
    flush();
    if (drop_.run(ref) == 0 && empty_.run(ref) == 0) {
        release_.run(ref);
    }
}

bool Bodies::sweep(std::int64_t time, std::int64_t limit) {
    flush();
    return std::cmp_equal(sweep_.run(time, limit), limit);
}

}  // namespace belfry::sqlite
