/// Reads of documents.
#pragma once

#include "plugins/storage/postgresql/session.hpp"

#include <belfry/storage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace belfry::postgresql {

/// A query that owns its text.
struct DocumentQuery {
    std::string collection, index, from, to, after_key, after_id;
    bool backward = false;
    std::uint64_t limit = 0;
};

/// One thread. All functions throw SqlError.
class DocumentReader {
public:
    explicit DocumentReader(Session& session);

    /// Nothing where there is no such document.
    std::optional<sdk::Document> get(const std::string& collection, const std::string& id);
    sdk::Documents find(const DocumentQuery& query);

private:
    Session& session_;
};

}  // namespace belfry::postgresql
