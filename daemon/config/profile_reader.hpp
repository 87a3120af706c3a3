/// From the canonical JSON of a valid profile to its struct.
#pragma once

#include "daemon/config/profile.hpp"
#include "daemon/config/sections.hpp"

#include <boost/json/object.hpp>

namespace belfry::config {

/// `json` is what validation by the profile's schema brought, and its addresses can be parsed.
/// Places and plugin sections are filled in from `root` and `sections`; `file`, and `node` where it
/// is not set, are left to the caller.
Profile read_profile(const boost::json::object& json, const Node& root, Sections sections);

}  // namespace belfry::config
