/// What a storage plugin answered, as owned values. Errors say what is wrong with the answer.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/plugin/storage_ops.hpp"
#include "daemon/plugin/values.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace belfry::plugin {

Result<Committed> to_committed(const void* value, const CommitShape& shape);

/// `most` is what the query allowed.
Result<Page> to_page(const void* value, std::uint64_t most);
Result<std::vector<Head>> to_heads(const void* value, std::uint64_t most);
Result<std::vector<Cursor>> to_cursors(const void* value);
/// The one of `device`, as if it had never moved where it is not among them.
Result<Cursor> to_cursor(const void* value, const std::string& device);
Result<Document> to_document(const void* value);
Result<Documents> to_documents(const void* value, std::uint64_t most);
Result<Jobs> to_jobs(const void* value, std::uint64_t most);
Result<StorageStats> to_stats(const void* value);

}  // namespace belfry::plugin
