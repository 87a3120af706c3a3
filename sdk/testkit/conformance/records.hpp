/// What dump gives, looked at.
#pragma once

#include "sdk/testkit/conformance/store.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace belfry::conformance {

/// All records, page after page. Throws testkit::Failed where that does not end.
std::vector<sdk::Record> dump_all(Store& store, std::uint64_t limit,
                                  std::uint64_t max_bytes = UINT64_MAX);

/// Every member of every record, as text.
std::vector<std::string> texts_of(std::span<const sdk::Record> records);

/// The first record that is out of order; empty where none is.
std::string order_fault(std::span<const sdk::Record> records);
/// What does not fit together: entries and bodies, heads and entries, unread counts.
std::string agreement_fault(std::span<const sdk::Record> records);
/// What is read in another way than it is dumped.
std::string reading_fault(std::span<const sdk::Record> records, Store& store);

}  // namespace belfry::conformance
