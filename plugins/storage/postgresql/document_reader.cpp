#include "plugins/storage/postgresql/document_reader.hpp"

#include "plugins/storage/postgresql/reader_rows.hpp"
#include "plugins/storage/postgresql/reader_text.hpp"

#include <algorithm>
#include <tuple>

namespace belfry::postgresql {

namespace {

/// Of a value in the index keys_order.
constexpr std::size_t kIndexed = 250;

/// A place in the order of an index. Without a value: behind every value.
struct Bound {
    std::optional<std::string> value;
    std::string id;
};

bool is_before(const Bound& left, const Bound& right) {
    if (!left.value || !right.value) {
        return left.value.has_value() && !right.value;
    }
    return std::tie(*left.value, left.id) < std::tie(*right.value, right.id);
}

/// The shortest bytes behind these.
std::string just_behind(std::string bytes) { return std::move(bytes) + '\0'; }

/// The same place by texts that there can be.
Bound as_text(const Bound& bound) {
    if (!bound.value) {
        return bound;
    }
    auto value = first_text(*bound.value);
    if (!value || *value != *bound.value) {
        return {std::move(value), {}};
    }
    if (auto id = first_text(bound.id); id) {
        return {std::move(value), std::move(*id)};
    }
    return {first_text(just_behind(std::move(*value))), {}};
}

/// The document before, as a place; nothing where there is none.
std::optional<Bound> after_of(const DocumentQuery& query) {
    if (query.after_key.empty() && query.after_id.empty()) {
        return std::nullopt;
    }
    return query.index.empty() ? Bound{query.after_id, {}} : Bound{query.after_key, query.after_id};
}

/// From the first, without the second: what `from`, `to` and the document before leave.
std::pair<Bound, Bound> bounds_of(const DocumentQuery& query) {
    Bound first{query.from, {}};
    Bound last{query.to.empty() ? std::optional<std::string>() : query.to, {}};
    auto after = after_of(query);
    if (after && query.backward) {
        last = is_before(*after, last) ? *after : last;
    } else if (after) {
        auto& end = query.index.empty() ? *after->value : after->id;
        end = just_behind(std::move(end));
        first = is_before(first, *after) ? *after : first;
    }
    return {as_text(first), as_text(last)};
}

/// The same place among values that are not longer than those in the index.
Bound among_short(const Bound& bound) {
    const auto head = head_of(*bound.value, kIndexed);
    return head.size() == bound.value->size() ? bound : Bound{std::string(head) + '\1', {}};
}

// A text behind all that there are: values have at most 4096 bytes.
constexpr std::string_view kEnd = "repeat(chr(1114111), 1025)";

// The rows until the bytes before one are more than allowed.
std::string bounded(std::string_view rows, std::string_view order, int bytes) {
    return "SELECT id, version, document, key FROM (SELECT r.*, sum(octet_length(document)) OVER"
           " (ORDER BY " +
           std::string(order) +
           " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM (" +
           std::string(rows) + ") r) w WHERE coalesce(before, 0) <= $" + std::to_string(bytes) +
           "::bigint ORDER BY " + std::string(order);
}

// $1 collection, $2 from, $3 to, $4 whether there is no end, $5 limit, $6 bytes.
std::string id_query(std::string_view order) {
    return bounded(
        "SELECT id, version, document, id AS key FROM @.collections WHERE name = $1"
        " AND id >= $2 AND id < CASE WHEN $4::boolean THEN " +
            std::string(kEnd) + " ELSE $3::text END ORDER BY id " + std::string(order) +
            " LIMIT $5::bigint",
        "id " + std::string(order), 6);
}

// $1 collection, $2 index, $3 and $4 from, $5 and $6 to, $7 whether there is no end, $8 limit,
// $9 bytes, $10 and $11 from, $12 and $13 to, among short values.
std::string key_query(std::string_view order) {
    const std::string down(order);
    const std::string end = "CASE WHEN $7::boolean THEN " + std::string(kEnd) + " ELSE ";
    const std::string keys =
        "SELECT k.value, k.id, k.doc FROM @.keys k WHERE k.space ="
        " (SELECT space FROM @.indexes WHERE collection = $1 AND name = $2)";
    const std::string short_keys =
        keys +
        " AND length(k.value) <= 250 AND (left(k.value, 250), k.id) >= ($10::text, $11::text)"
        " AND (left(k.value, 250), k.id) < (" +
        end + "$12::text END, $13::text) ORDER BY left(k.value, 250) " + down + ", k.id " + down +
        " LIMIT $8::bigint";
    const std::string long_keys =
        keys +
        " AND length(k.value) > 250 AND left(k.value, 250) >= left($3::text, 250)"
        " AND left(k.value, 250) <= left(" +
        end +
        "$5::text END, 250) AND (k.value, k.id) >= ($3::text, $4::text)"
        " AND (k.value, k.id) < (" +
        end + "$5::text END, $6::text) ORDER BY left(k.value, 250) " + down + ", k.value " + down +
        ", k.id " + down + " LIMIT $8::bigint";
    return bounded("SELECT k.id, c.version, c.document, k.value AS key FROM (SELECT * FROM ((" +
                       short_keys + ") UNION ALL (" + long_keys + ")) u ORDER BY value " + down +
                       ", id " + down +
                       " LIMIT $8::bigint) k JOIN @.collections c ON c.doc = k.doc",
                   "key " + down + ", id " + down, 9);
}

sdk::Documents documents_of(const pqxx::result& rows, std::uint64_t limit) {
    sdk::Documents found;
    std::size_t bytes = 0;
    for (const auto& row : rows) {
        if (found.documents.size() == limit) {
            found.more = true;
            return found;
        }
        found.documents.push_back({std::string(text_at(row[0])), count_at(row[1]), bytes_at(row[2]),
                                   std::string(text_at(row[3]))});
        bytes += found.documents.back().document.size();
    }
    found.more = bytes > kMaxBytes;
    return found;
}

}  // namespace

DocumentReader::DocumentReader(Session& session) : session_(session) {
    session_.prepare("get",
                     "SELECT version, document FROM @.collections WHERE name = $1 AND id = $2");
    session_.prepare("find_by_id", id_query("ASC"));
    session_.prepare("find_by_id_backward", id_query("DESC"));
    session_.prepare("find_by_key", key_query("ASC"));
    session_.prepare("find_by_key_backward", key_query("DESC"));
}

std::optional<sdk::Document> DocumentReader::get(const std::string& collection,
                                                 const std::string& id) {
    if (!is_text(collection) || !is_text(id)) {
        return std::nullopt;
    }
    const auto rows = session_.run("get", collection, id);
    if (rows.empty()) {
        return std::nullopt;
    }
    return sdk::Document{id, count_at(rows[0][0]), bytes_at(rows[0][1]), id};
}

sdk::Documents DocumentReader::find(const DocumentQuery& query) {
    const auto [first, last] = bounds_of(query);
    if (!first.value || !is_text(query.collection) || !is_text(query.index)) {
        return {};
    }
    const auto limit = std::clamp<std::uint64_t>(query.limit, 1, kMaxRows);
    const bool is_open = !last.value;
    if (query.index.empty()) {
        return documents_of(
            session_.run(query.backward ? "find_by_id_backward" : "find_by_id", query.collection,
                         *first.value, last.value.value_or(""), is_open, limit + 1, kMaxBytes),
            limit);
    }
    const Bound end{last.value.value_or(""), last.id};
    const auto short_first = among_short(first);
    const auto short_end = among_short(end);
    return documents_of(
        session_.run(query.backward ? "find_by_key_backward" : "find_by_key", query.collection,
                     query.index, *first.value, first.id, *end.value, end.id, is_open, limit + 1,
                     kMaxBytes, *short_first.value, short_first.id, *short_end.value, short_end.id),
        limit);
}

}  // namespace belfry::postgresql
