/// How much a storage writes, beside what its database can write.
#pragma once

#include "tests/bench/storage_sheet.hpp"

namespace belfry::bench {

/// Fills the mailboxes, and then measures unicast without and with event ids.
Result<> measure_unicast(Database& database, Limit& limit, Sheet& sheet);
/// One body to all mailboxes of an audience.
Result<> measure_fan_out(Database& database, Limit& limit, Sheet& sheet);

/// Entries that each mailbox has at least after measure_unicast.
constexpr std::uint64_t kFilled = 50;

}  // namespace belfry::bench
