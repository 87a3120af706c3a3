/// What every completion value owes to the rules of abi.h, whatever was asked.
#pragma once

#include <belfry/storage.hpp>

#include <string>

namespace belfry::conformance {

/// What is wrong with a value on the wire: a size that is too small, a pointer that is missing, a
/// head that contradicts itself. Empty where all is well.
std::string fault_of(const bf_commit_value& value);
std::string fault_of(const bf_page& value);
std::string fault_of(const bf_heads_value& value);
std::string fault_of(const bf_document& value);
std::string fault_of(const bf_documents& value);
std::string fault_of(const bf_cursors_value& value);
std::string fault_of(const bf_jobs_value& value);
std::string fault_of(const bf_storage_stats& value);
std::string fault_of(const bf_records& value);

/// The struct behind `void*` for each value of the C++ face.
template <class Value>
struct WireOf;
template <>
struct WireOf<sdk::Committed> {
    using Type = bf_commit_value;
};
template <>
struct WireOf<sdk::Page> {
    using Type = bf_page;
};
template <>
struct WireOf<sdk::Heads> {
    using Type = bf_heads_value;
};
template <>
struct WireOf<sdk::Document> {
    using Type = bf_document;
};
template <>
struct WireOf<sdk::Documents> {
    using Type = bf_documents;
};
template <>
struct WireOf<sdk::Cursors> {
    using Type = bf_cursors_value;
};
template <>
struct WireOf<sdk::Jobs> {
    using Type = bf_jobs_value;
};
template <>
struct WireOf<sdk::StorageStats> {
    using Type = bf_storage_stats;
};
template <>
struct WireOf<sdk::Records> {
    using Type = bf_records;
};

}  // namespace belfry::conformance
