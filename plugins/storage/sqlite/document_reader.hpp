/// Reads of documents.
#pragma once

#include "plugins/storage/sqlite/database.hpp"

#include <belfry/storage.hpp>

#include <SQLiteCpp/Database.h>

#include <optional>
#include <string>
#include <utility>

namespace belfry::sqlite {

/// A query that owns its text.
struct DocumentQuery {
    std::string collection, index, from, to, after_key, after_id;
    bool backward = false;
    std::uint64_t limit = 0;
};

/// One thread. All functions throw SqlError.
class DocumentReader {
public:
    /// A place in the order of an index. Without a value: behind every value.
    struct Bound {
        std::optional<std::string> value;
        std::string id;
    };
    /// From the first on, without the second.
    using Bounds = std::pair<Bound, Bound>;

    explicit DocumentReader(SQLite::Database& database);

    /// False where there is no such document.
    bool get(const std::string& collection, const std::string& id, sdk::Document& document);
    sdk::Documents find(const DocumentQuery& query);

private:
    Rows rows_of(const DocumentQuery& query, const Bounds& bounds, std::uint64_t limit);

    Statement get_;
    Statement by_id_;
    Statement by_id_backward_;
    Statement by_key_;
    Statement by_key_backward_;
};

}  // namespace belfry::sqlite
