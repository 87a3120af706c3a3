#include "plugins/storage/sqlite/event_key.hpp"

#include <sodium/crypto_shorthash.h>
#include <sqlite3.h>

#include <algorithm>

namespace belfry::sqlite {

EventKey::EventKey(SQLite::Database& database) {
    static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8);
    Statement statement(database, "SELECT value FROM settings WHERE name = 'event_key'");
    auto rows = statement.query();
    if (!rows.next() || rows.text(0).size() != key_.size()) {
        throw SqlError(SQLITE_CORRUPT, "settings.event_key: expected 16 bytes");
    }
    std::ranges::copy(rows.text(0), key_.begin());
}

std::uint64_t EventKey::hash(std::string_view source, std::string_view id) {
    text_.assign(source).append(1, '\0').append(id);
    std::array<std::uint8_t, crypto_shorthash_BYTES> hash{};
    crypto_shorthash(hash.data(), reinterpret_cast<const std::uint8_t*>(text_.data()), text_.size(),
                     key_.data());
    std::uint64_t value = 0;
    for (const auto byte : hash) {
        value = value << 8U | byte;
    }
    return value;
}

}  // namespace belfry::sqlite
