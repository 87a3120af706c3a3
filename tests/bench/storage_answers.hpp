/// How long a storage lets its callers wait.
#pragma once

#include "tests/bench/storage_sheet.hpp"

namespace belfry::bench {

/// Commits that come at a fixed rate, pages and heads. Behind measure_unicast, which makes what is
/// read.
Result<> measure_answers(Database& database, Sheet& sheet);

}  // namespace belfry::bench
