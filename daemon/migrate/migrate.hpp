/// `belfry migrate`: a whole deployment from one storage to another.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/config/profile.hpp"

#include <iosfwd>

namespace belfry::migrate {

/// Copies everything the storage of one profile has into the empty storage of the other, reads both
/// again, and compares counts and hashes, which go to `out`; progress goes to standard error. No
/// daemon may use either. A run that was interrupted is continued by the next one. Blocks.
/// `invalid`, `refused`: it cannot work as the profiles are; other codes: something is not there.
Result<> migrate(const config::Profile& from, const config::Profile& to,
                 const config::Environment& environment, std::ostream& out);

}  // namespace belfry::migrate
