/// What a body says, and the row it is kept in.
#pragma once

#include "plugins/storage/sqlite/database.hpp"

#include <belfry/types.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace belfry::sqlite {

/// A body's members, borrowed.
struct Body {
    explicit Body(const bf_notification& note);
    explicit Body(const sdk::Notification& note);
    /// The columns of kBodyColumns, the first of them at `first`; valid until the next row.
    Body(const Rows& rows, int first);

    /// Its checksum, as the body `ref` of entries of a kind.
    [[nodiscard]] std::int64_t digest(std::int64_t ref, std::uint32_t kind) const;
    [[nodiscard]] std::shared_ptr<const sdk::Notification> notification() const;
    /// Of the texts that may be long.
    [[nodiscard]] std::size_t size() const { return title.size() + body.size() + data.size(); }

    std::int64_t created_at, expires_at;
    std::string_view source, event_id, id;
    std::int64_t revision;
    std::int32_t priority;
    std::string_view type, data_type, collapse_key, trace, title, body, data;
};

inline constexpr std::string_view kBodyColumns =
    "b.created_at, b.expires_at, b.source, b.event_id, b.id, b.revision, b.priority, b.type,"
    " b.data_type, b.collapse_key, b.trace, b.title, b.body, b.data";

/// The checksum of an entry's row.
std::int64_t entry_digest(std::string_view stream, std::uint64_t seq, std::int64_t ref,
                          std::uint32_t kind);

/// Makes body_digest() and entry_digest() known to SQL, for changes of the schema. Throws SqlError.
void add_digests(SQLite::Database& database);

}  // namespace belfry::sqlite
