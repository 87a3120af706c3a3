/// Entries as the API shows them.
#pragma once

#include "daemon/plugin/values.hpp"

#include <string>
#include <string_view>

namespace belfry::ops {

/// Whether data of this type stands in JSON as it is: empty or application/json.
bool is_json_type(std::string_view media_type);

/// JSON Schema of what append_entry writes.
extern const std::string_view kEntrySchema;

/// Appends one entry. Data that is JSON is put in as it came, other data in base 64.
void append_entry(std::string& out, const std::string& stream, std::uint64_t epoch,
                  const Entry& entry);

}  // namespace belfry::ops
