#include "plugins/storage/sqlite/document_reader.hpp"

#include <algorithm>
#include <tuple>

namespace belfry::sqlite {

namespace {

constexpr std::uint64_t kMaxDocuments = 10'000;
constexpr std::size_t kMaxDocumentBytes = 64U << 20U;

using Bound = DocumentReader::Bound;

std::string document_query(std::string_view order) {
    return "SELECT id, version, document, id FROM collections WHERE name = ?1"
           " AND id >= ?2 AND id < coalesce(?3, x'') " +
           std::string(order) + " LIMIT ?4";
}

std::string key_query(std::string_view order) {
    return "SELECT k.id, c.version, c.document, k.value FROM keys k CROSS JOIN collections c"
           " ON c.doc = k.doc WHERE k.collection = ?1 AND k.name = ?2"
           " AND (k.value, k.id) >= (?3, ?4) AND (k.value, k.id) < (coalesce(?5, x''), ?6) " +
           std::string(order) + " LIMIT ?7";
}

bool is_before(const Bound& left, const Bound& right) {
    if (!left.value || !right.value) {
        return left.value.has_value() && !right.value;
    }
    return std::tie(*left.value, left.id) < std::tie(*right.value, right.id);
}

/// From the first, without the second: what `from`, `to` and the document before leave.
DocumentReader::Bounds bounds_of(const DocumentQuery& query) {
    Bound first{query.from, {}};
    Bound last{query.to.empty() ? std::optional<std::string>() : query.to, {}};
    if (query.after_key.empty() && query.after_id.empty()) {
        return {first, last};
    }
    const std::string& key = query.index.empty() ? query.after_id : query.after_key;
    const std::string id = query.index.empty() ? std::string() : query.after_id;
    Bound after{key, id};
    if (query.backward) {
        return {first, is_before(after, last) ? after : last};
    }
    // The next there can be: the shortest text behind this one.
    (query.index.empty() ? *after.value : after.id) += '\0';
    return {is_before(first, after) ? after : first, last};
}

}  // namespace

DocumentReader::DocumentReader(SQLite::Database& database)
    : get_(database, "SELECT version, document FROM collections WHERE name = ? AND id = ?"),
      by_id_(database, document_query("ORDER BY id")),
      by_id_backward_(database, document_query("ORDER BY id DESC")),
      by_key_(database, key_query("ORDER BY k.value, k.id")),
      by_key_backward_(database, key_query("ORDER BY k.value DESC, k.id DESC")) {}

bool DocumentReader::get(const std::string& collection, const std::string& id,
                         sdk::Document& document) {
    auto rows = get_.query(std::string_view(collection), std::string_view(id));
    if (!rows.next()) {
        return false;
    }
    document = {id, rows.count(0), std::string(rows.text(1)), id};
    return true;
}

Rows DocumentReader::rows_of(const DocumentQuery& query, const Bounds& bounds,
                             std::uint64_t limit) {
    const auto& [first, last] = bounds;
    const std::string_view collection = query.collection;
    if (query.index.empty()) {
        return (query.backward ? by_id_backward_ : by_id_)
            .query(collection, first.value, last.value, limit);
    }
    return (query.backward ? by_key_backward_ : by_key_)
        .query(collection, std::string_view(query.index), first.value, std::string_view(first.id),
               last.value, std::string_view(last.id), limit);
}

sdk::Documents DocumentReader::find(const DocumentQuery& query) {
    const auto limit = std::clamp<std::uint64_t>(query.limit, 1, kMaxDocuments);
    const auto bounds = bounds_of(query);
    auto rows = rows_of(query, bounds, limit + 1);
    sdk::Documents found;
    std::size_t bytes = 0;
    while (rows.next()) {
        if (found.documents.size() == limit || bytes > kMaxDocumentBytes) {
            found.more = true;
            break;
        }
        bytes += rows.text(2).size();
        found.documents.push_back({std::string(rows.text(0)), rows.count(1),
                                   std::string(rows.text(2)), std::string(rows.text(3))});
    }
    return found;
}

}  // namespace belfry::sqlite
