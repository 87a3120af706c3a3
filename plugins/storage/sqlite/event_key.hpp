/// What an event is found by.
#pragma once

#include "plugins/storage/sqlite/database.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace belfry::sqlite {

/// An event as it is remembered: the hash of its source and id, and the body it became.
struct Event {
    std::uint64_t hash = 0;
    std::int64_t ref = 0;

    friend auto operator<=>(const Event&, const Event&) = default;
};

/// Hashes sources and ids by a key of this database's own, so that nobody can choose ids that
/// collide.
class EventKey {
public:
    /// Throws SqlError.
    explicit EventKey(SQLite::Database& database);

    [[nodiscard]] std::uint64_t hash(std::string_view source, std::string_view id);

private:
    std::array<std::uint8_t, 16> key_{};
    std::string text_;
};

}  // namespace belfry::sqlite
