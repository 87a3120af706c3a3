/// Entries as the API shows them.
#pragma once

#include "daemon/plugin/values.hpp"

#include <string>
#include <string_view>

namespace belfry::ops {

/// Whether a media type is JSON: empty, application/json, or anything that ends in +json.
bool is_json_type(std::string_view media_type);

/// JSON Schema of what append_entry writes.
extern const std::string_view kEntrySchema;

/// Appends one entry. Data that is JSON is put in as it came; other data as a string, or in base 64
/// as "data_base64" where it is not UTF-8.
void append_entry(std::string& out, const std::string& stream, std::uint64_t epoch,
                  const Entry& entry);

}  // namespace belfry::ops
