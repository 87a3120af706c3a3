/// What every completion value owes to the rules of abi.h, whatever was asked.
#pragma once

#include "sdk/testkit/conformance/wire_of.hpp"

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

template <class Wire>
struct Checked {
    using Type = Wire;
    static std::string fault(const Type& value) { return fault_of(value); }
};

template <>
struct WireOf<sdk::Committed> : Checked<bf_commit_value> {};
template <>
struct WireOf<sdk::Page> : Checked<bf_page> {};
template <>
struct WireOf<sdk::Heads> : Checked<bf_heads_value> {};
template <>
struct WireOf<sdk::Document> : Checked<bf_document> {};
template <>
struct WireOf<sdk::Documents> : Checked<bf_documents> {};
template <>
struct WireOf<sdk::Cursors> : Checked<bf_cursors_value> {};
template <>
struct WireOf<sdk::Jobs> : Checked<bf_jobs_value> {};
template <>
struct WireOf<sdk::StorageStats> : Checked<bf_storage_stats> {};
template <>
struct WireOf<sdk::Records> : Checked<bf_records> {};

}  // namespace belfry::conformance
