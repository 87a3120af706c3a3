#include "plugins/storage/sqlite/documents.hpp"

#include <span>
#include <string>

namespace belfry::sqlite {

using sdk::text_of;
using sdk::view;

namespace {

Fault check_version(std::uint64_t expected, std::uint64_t found) {
    if (expected == BF_VERSION_ANY || expected == found) {
        return {};
    }
    const auto name = [](std::uint64_t version) {
        return version == 0 ? std::string("none") : "version " + std::to_string(version);
    };
    return {sdk::Status::conflict, "expected " + name(expected) + ", found " + name(found)};
}

}  // namespace

Documents::Documents(SQLite::Database& database)
    : select_(database, "SELECT doc, version FROM collections WHERE name = ? AND id = ?"),
      insert_(database,
              "INSERT INTO collections (name, id, version, document) VALUES (?, ?, 1, ?)"
              " RETURNING doc"),
      update_(database, "UPDATE collections SET version = ?, document = ? WHERE doc = ?"),
      delete_(database, "DELETE FROM collections WHERE doc = ?"),
      taken_(database,
             "SELECT 1 FROM keys WHERE collection = ? AND name = ? AND value = ? AND doc <> ?"
             " AND (is_unique OR ?) LIMIT 1"),
      add_key_(database,
               "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
               " is_unique = max(is_unique, excluded.is_unique)"),
      drop_keys_(database, "DELETE FROM keys WHERE doc = ?") {}

Documents::Present Documents::present(bf_str collection, bf_str id) {
    auto rows = select_.query(view(collection), view(id));
    return rows.next() ? Present{rows.number(0), rows.count(1)} : Present{};
}

Fault Documents::check_keys(const bf_op_put& op, std::int64_t doc) {
    for (const auto& key : std::span(op.keys, op.key_count)) {
        auto rows = taken_.query(view(op.collection), view(key.index), view(key.value), doc,
                                 key.unique != 0 ? 1 : 0);
        if (rows.next()) {
            return {sdk::Status::conflict, "the value is taken in index \"" +
                                               std::string(view(key.index)) + "\" of \"" +
                                               std::string(view(op.collection)) + "\""};
        }
    }
    return {};
}

std::int64_t Documents::write(const bf_op_put& op, Present before) {
    if (before.doc != 0) {
        update_.run(before.version + 1, Blob{text_of(op.document)}, before.doc);
        drop_keys_.run(before.doc);
        return before.doc;
    }
    auto rows = insert_.query(view(op.collection), view(op.id), Blob{text_of(op.document)});
    rows.next();
    return rows.number(0);
}

Fault Documents::put(const bf_op_put& op, sdk::OpResult& result) {
    const auto before = present(op.collection, op.id);
    if (auto fault = check_version(op.expected_version, before.version); !fault.ok()) {
        fault.message.insert(0, "document \"" + std::string(view(op.id)) + "\" of \"" +
                                    std::string(view(op.collection)) + "\": ");
        return fault;
    }
    if (auto fault = check_keys(op, before.doc); !fault.ok()) {
        return fault;
    }
    const auto doc = write(op, before);
    for (const auto& key : std::span(op.keys, op.key_count)) {
        add_key_.run(view(op.collection), view(key.index), view(key.value), view(op.id), doc,
                     key.unique != 0 ? 1 : 0);
    }
    result.value[0] = before.version + 1;
    return {};
}

Fault Documents::remove(const bf_op_delete& op) {
    const auto before = present(op.collection, op.id);
    const std::string what = "document \"" + std::string(view(op.id)) + "\" of \"" +
                             std::string(view(op.collection)) + "\"";
    if (before.doc == 0) {
        return {sdk::Status::not_found, what + ": is not there"};
    }
    if (auto fault = check_version(op.expected_version, before.version); !fault.ok()) {
        return {fault.status, what + ": " + fault.message};
    }
    drop_keys_.run(before.doc);
    delete_.run(before.doc);
    return {};
}

}  // namespace belfry::sqlite
