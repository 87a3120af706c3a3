/// What a schema cannot say about a profile.
#pragma once

#include "daemon/config/document.hpp"
#include "daemon/config/problem.hpp"

#include <boost/json/object.hpp>

#include <vector>

namespace belfry::config {

/// Names, addresses and what refers to what. `json` is valid by the profile's schema; `root` says
/// where its values stand.
std::vector<Problem> check_profile(const boost::json::object& json, const Node& root);

}  // namespace belfry::config
