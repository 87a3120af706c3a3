/// Whose mailbox a call is about.
#pragma once

#include "daemon/ops/operation.hpp"

#include <string>

namespace belfry::ops {

struct Target {
    std::string user;
    std::string stream;
};

/// The caller's own, or that of the input's "user" for an admin. `refused` for another's.
Result<Target> find_target(const Call& call);

}  // namespace belfry::ops
