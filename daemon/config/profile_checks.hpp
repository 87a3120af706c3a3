/// What a schema cannot say about a profile.
#pragma once

#include <vector>

#include <boost/json/object.hpp>

#include "daemon/config/document.hpp"
#include "daemon/config/problem.hpp"

namespace belfry::config {

/// Names, addresses and what refers to what. `json` is valid by the profile's schema; `root` says where
/// its values stand.
std::vector<Problem> check_profile(const boost::json::object& json, const Node& root);

}  // namespace belfry::config
